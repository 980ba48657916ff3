"""Names the app of workspaces, and listens to sign-ins."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        from workspaces import sign_in

        sign_in.connect()
