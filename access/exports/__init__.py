"""Lists of access as CSV files."""

from access.exports.people import offboarded, staff_access
from access.exports.tasks import CASE_HEADERS, TASK_HEADERS, case_rows, task_rows

__all__ = [
    "CASE_HEADERS",
    "TASK_HEADERS",
    "case_rows",
    "offboarded",
    "staff_access",
    "task_rows",
]
