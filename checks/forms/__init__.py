"""Forms of checks: they parse what people type and give back arguments for services."""

from checks.forms.policies import CalendarForm, PolicyForm

__all__ = ["CalendarForm", "PolicyForm"]
