"""Acts of checks: judging facts into tasks, and what people decide about policies and tasks."""

from checks.services.evaluating import replay
from checks.services.forgetting import forget_attachments
from checks.services.judging import judge, pause, refresh, touch, waits
from checks.services.lapsing import due_special_cases, look_at
from checks.services.owning import assign, hand_on
from checks.services.policies import set_calendar, set_policy
from checks.services.special_cases import (
    Attachment,
    approve_special_case,
    confirm_special_case,
    reject_special_case,
    request_special_case,
    withdraw_special_case,
)

__all__ = [
    "Attachment",
    "approve_special_case",
    "assign",
    "confirm_special_case",
    "due_special_cases",
    "forget_attachments",
    "hand_on",
    "judge",
    "look_at",
    "pause",
    "refresh",
    "reject_special_case",
    "replay",
    "request_special_case",
    "set_calendar",
    "set_policy",
    "touch",
    "waits",
    "withdraw_special_case",
]
