"""Names the app of people and its things, and hangs its reactions on its own acts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from audit import services as audit
        from people import reactions

        audit.register(reactions.REACTIONS)
        _name()


def _name() -> None:
    from people.models import EmploymentPeriod, OrgRole, StaffImport, StaffMember
    from workspaces.naming import KINDS, Kind, first_of, of

    KINDS["staff"] = Kind(of(StaffMember), first_of("name", "external_id"), "access:staff")
    KINDS["employment"] = Kind(of(EmploymentPeriod), first_of("staff__name"))
    KINDS["org_role"] = Kind(of(OrgRole), first_of("name"))
    KINDS["import"] = Kind(of(StaffImport), first_of("file_name"))
