"""Facts about the pretend Truto and the pretend Xero: names, ids, roles, scopes, faults."""

import uuid
from dataclasses import dataclass

XERO_INTEGRATION_ID = "3d324589-7034-4131-8c44-a69ce781fb53"

# What may authorise an app in Xero: https://central.xero.com, "Connect an app".
ROLES_THAT_CONNECT = ("STANDARD", "FINANCIALADVISER")
ROLES = {
    "FINANCIALADVISER": "Adviser",
    "STANDARD": "Standard",
    "INVOICEONLY": "Invoice only",
    "READONLY": "Read only",
    "MANAGEDCLIENT": "Managed client",
    "CASHBOOKCLIENT": "Cashbook client",
    "UNKNOWN": "Unknown",
    "REMOVED": "Removed",
}
DEFAULT_SCOPES = ["offline_access", "accounting.settings.read"]
SCOPE_SENTENCES = {
    "offline_access": "Keep access to the data while you are away",
    "accounting.settings.read": "View your organisation settings and its users",
    "accounting.settings": "View and manage your organisation settings and its users",
}
REGIONS = ("wnam", "enam", "apac", "eu")


@dataclass(frozen=True)
class Integration:
    """A provider that is installed in the pretend Truto environment."""

    id: str
    slug: str
    label: str
    category: str


INTEGRATIONS = {"xero": Integration(XERO_INTEGRATION_ID, "xero", "Xero", "accounting")}


@dataclass(frozen=True)
class FaultKind:
    """A fault that can be switched on for one account, with the numbers a person may set."""

    kind: str
    label: str
    help: str
    fields: tuple[tuple[str, str, str], ...] = ()  # (option, label, default)


FAULTS = {
    fault.kind: fault
    for fault in (
        FaultKind(
            "needs_reauth",
            "Credentials refused",
            "Data calls answer 401 from the provider, the account needs to be reconnected, and a "
            "webhook says so. Switching it off sends the webhook of an account that works again.",
        ),
        FaultKind(
            "forbidden",
            "Permission missing",
            "Data calls answer 403 from the provider and name the missing scope.",
            (("missing_scopes", "Missing scopes", "accounting.settings.read"),),
        ),
        FaultKind(
            "scope_missing",
            "Scope missing",
            "Data calls answer 401 from the provider, as Xero does where the token lacks a scope, "
            "and the account needs to be reconnected.",
        ),
        FaultKind(
            "rate_limited_local",
            "Truto's limit reached",
            "Data calls answer 429 from Truto itself.",
            (("retry_after", "Retry-After, seconds", "10"),),
        ),
        FaultKind(
            "rate_limited_remote",
            "Xero's limit reached",
            "Data calls answer 429 from the provider.",
            (("retry_after", "Retry-After, seconds", "22"),),
        ),
        FaultKind("server_error", "Server error", "Data calls answer 500."),
        FaultKind("bad_gateway", "Bad gateway", "Data calls answer 502."),
        FaultKind("gateway_timeout", "Gateway time-out", "Data calls answer 504."),
        FaultKind("offline", "Organisation offline", "Data calls answer 503 from the provider."),
        FaultKind("blocked", "Account blocked", "Data calls answer 503 from Truto."),
        FaultKind(
            "slow",
            "Slow answer",
            "Each data call waits before it answers.",
            (("seconds", "Seconds", "5"),),
        ),
        FaultKind(
            "dripping",
            "Dripping answer",
            "The body arrives in small pieces with pauses between them.",
            (("seconds", "Pause, seconds", "0.5"), ("bytes", "Bytes a piece", "64")),
        ),
        FaultKind(
            "cut_paging",
            "Paging cut: next page not found",
            "The page after the given one is answered with 404.",
            (("after_page", "After page", "1"),),
        ),
        FaultKind(
            "dropped",
            "Paging cut: connection dropped",
            "The connection breaks in the middle of the page after the given one.",
            (("after_page", "After page", "1"),),
        ),
        FaultKind("repeated_cursor", "Repeated cursor", "Paging never ends: one cursor repeats."),
        FaultKind("partial", "Partial flag", "The list says that its records are partial."),
        FaultKind("non_json", "Not JSON", "Data calls answer 200 with a web page."),
        FaultKind("wrong_shape", "Wrong shape", "The result is not a list."),
        FaultKind(
            "organisation_swapped",
            "Other organisation",
            "The account reads another organisation from now on.",
            (("organisation", "Organisation id", ""),),
        ),
        FaultKind("empty_list", "Empty list", "The list of users is empty, and says it is whole."),
        FaultKind("empty_pages", "Empty pages", "Before each page comes an empty one."),
        FaultKind("duplicate_row", "Repeated row", "Each page repeats its last row."),
        FaultKind(
            "page_size",
            "Small pages",
            "Pages have this size whatever the client asks for.",
            (("size", "Users a page", "2"),),
        ),
    )
}


def environment_integration_id(environment_id: str) -> str:
    """Give the id under which Xero is installed in a Truto environment."""
    return str(uuid.uuid5(uuid.UUID(XERO_INTEGRATION_ID), environment_id))
