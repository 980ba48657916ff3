"""Whose account it is: decided by a person, matched by exact address, taken back, approved."""

from access.services.identifying.approving import approve_release
from access.services.identifying.choosing import (
    accept_suggestions,
    identify_as_new_staff,
    identify_as_not_staff,
    identify_as_staff,
    leave_unidentified,
)
from access.services.identifying.deciding import MOST_AT_ONCE
from access.services.identifying.matched import (
    match_automatically,
    undecided,
    withdraw_for_readdressed,
    withdraw_ungrounded,
)
from access.services.identifying.undoing import undo

__all__ = [
    "MOST_AT_ONCE",
    "accept_suggestions",
    "approve_release",
    "identify_as_new_staff",
    "identify_as_not_staff",
    "identify_as_staff",
    "leave_unidentified",
    "match_automatically",
    "undecided",
    "undo",
    "withdraw_for_readdressed",
    "withdraw_ungrounded",
]
