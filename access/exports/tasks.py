"""Tasks and special cases as rows of CSV files."""

from collections.abc import Iterable, Iterator
from typing import Any

from access.selectors import product_name, shown_status
from checks.models import SpecialCase
from checks.rules import BY_ID

TASK_HEADERS = (
    "Check", "System", "Subject", "Status", "Why", "What to do", "Owner", "Since (UTC)",
    "Deadline (UTC)", "Solved (UTC)", "Late by days", "Special case until (UTC)", "Closed (UTC)",
    "Closed because", "Controls", "Id",
)  # fmt: skip
CASE_HEADERS = (
    "State", "Check", "System", "Subject", "Reason", "Note", "Requested by", "Requested (UTC)",
    "Decided by", "Decided (UTC)", "Only admin", "Until (UTC)", "Valid forever", "Ended (UTC)",
    "Ended because", "File", "File SHA-256", "Id",
)  # fmt: skip


def task_rows(rows: Iterable[Any]) -> Iterator[tuple[object, ...]]:
    """Tasks as `selectors.tasks` gives them."""
    for task in rows:
        check = BY_ID[task.check_id]
        yield (
            check.title(product_name(task)),
            task.system.name,
            task.subject_label,
            shown_status(task),
            task.why,
            task.remedy_text,
            task.owner.label if task.owner else "",
            _instant(task.began_at),
            _instant(task.due_at),
            _instant(task.resolved_at),
            task.late_days or "",
            _instant(task.accepted_until),
            _instant(task.closed_at),
            task.closed_why,
            ", ".join((*check.controls_soc2, *check.controls_iso)),
            task.pk,
        )


def case_rows(rows: Iterable[Any]) -> Iterator[tuple[object, ...]]:
    """Special cases as `checks.special_cases` gives them."""
    for case in rows:
        yield (
            SpecialCase.State(case.standing).label,
            BY_ID[case.task.check_id].title(product_name(case.task)),
            case.task.system.name,
            case.task.subject_label,
            case.get_reason_display(),
            case.note,
            case.requested_by.label if case.requested_by else "",
            _instant(case.requested_at),
            case.decided_by.label if case.decided_by else "",
            _instant(case.decided_at),
            "yes" if case.sole_admin else "",
            _instant(case.until),
            "yes" if case.ends_at is None else "",
            _instant(case.over_at),
            case.over_why,
            case.file_name,
            case.file_digest,
            case.pk,
        )


def _instant(at: Any) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
