"""Forms of checks: they parse what people type and give back arguments for services."""

from checks.forms.policies import CalendarForm, PolicyForm
from checks.forms.special_cases import DecisionForm, SpecialCaseForm

__all__ = ["CalendarForm", "DecisionForm", "PolicyForm", "SpecialCaseForm"]
