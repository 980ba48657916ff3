"""Names the app of checks and its things."""

from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "checks"

    def ready(self) -> None:
        from checks.models import SpecialCase, Task
        from checks.rules import CHECKS
        from workspaces.naming import FIXED, KINDS, Kind, first_of, of

        KINDS["task"] = Kind(of(Task), first_of("subject_label"), "access:task")
        about = first_of("task__subject_label")
        KINDS["special_case"] = Kind(of(SpecialCase), about, "access:special_case")
        for each in CHECKS:
            title = each.title("Xero")
            FIXED[f"policy:{each.id}"] = (title, "access:check", (each.id,))
        FIXED["policy:calendar"] = ("Working week and holidays", "access:policies", ())
