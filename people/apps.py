"""Names the app of people and hangs its reactions on its own acts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from audit import services as audit
        from people import reactions

        audit.register(reactions.REACTIONS)
