"""The catalog: every product that can be connected, as data that pages and rules are fed from."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from django.conf import settings

from checks.facts import LevelScheme


@dataclass(frozen=True)
class Permission:
    """One row of the permission table."""

    reads: str
    endpoint: str
    why: str
    checks: tuple[str, ...]  # check ids; empty: needed for the connection itself


@dataclass(frozen=True)
class Reference:
    """One row of "Sprinto check" | "Reference procedure"."""

    check: str  # check id
    procedure: tuple[str, ...]


@dataclass(frozen=True)
class Caution:
    """What to mind before a user is removed; `applies_to` says to whom."""

    applies_to: str
    text: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Acknowledgment:
    """What an admin confirms before connecting; evidence keeps the wording and its digest."""

    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the wording, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Integration:
    """One product of the catalog."""

    slug: str
    name: str
    provider: str  # key of PROVIDERS
    organisation_word: str  # what the product calls what is connected
    purpose: str
    partner: str
    partner_note: str
    read_only_note: str
    scheme: LevelScheme
    permissions: tuple[Permission, ...]
    references: tuple[Reference, ...]
    prerequisites: tuple[str, ...]
    acknowledgment: Acknowledgment
    scopes: frozenset[str]  # what reading needs; anything else granted is worth a warning
    scope_words: Mapping[str, str]
    # Click paths in the product; they name {organisation}, {account}, its {level} and the {target}.
    removal_steps: tuple[str, ...]
    removal_warnings: tuple[Caution, ...]
    lower_steps: tuple[str, ...]
    look_steps: tuple[str, ...]
    after_disconnect: tuple[str, ...]
    blind_spots: tuple[str, ...]
    users_path: str
    organisation_link: str  # with {short_code} and {path}, both to be percent-encoded
    users_link: str  # when the organisation's short code is not known

    def links(self, short_code: str = "") -> tuple[Link, ...]:
        """Where users are managed; always shown beside the click path, which lasts longer.

        In a sandbox that is the sandbox: nobody practising should end up in real books.
        """
        if settings.SANDBOX:
            pretended = urljoin(settings.TRUTO_APP_BASE_URL, self.users_path)
            return (Link(f"Users in {self.name} (sandbox)", pretended),)
        if not short_code:
            return (Link(f"Users in {self.name}", self.users_link),)
        url = self.organisation_link.format(
            short_code=quote(short_code, safe=""), path=quote(self.users_path, safe="")
        )
        return (Link(f"Users of this {self.organisation_word} in {self.name}", url),)

    def excess_scopes(self, granted: Iterable[str]) -> tuple[str, ...]:
        """Granted scopes that allow more than this product needs to be read; worth a warning."""
        return tuple(sorted(frozenset(granted) - self.scopes))

    def scope_name(self, scope: str) -> str:
        return self.scope_words.get(scope, scope)

    @property
    def shorthands(self) -> Mapping[str, frozenset[str]]:
        """Sets of roles that a rule offers by one name, the default first."""
        return self.scheme.shorthands


_UP_TO_STANDARD = frozenset({"READONLY", "INVOICEONLY", "STANDARD"})
_UP_TO_ADVISER = _UP_TO_STANDARD | {"FINANCIALADVISER"}
_APART = frozenset({"CASHBOOKCLIENT", "MANAGEDCLIENT"})

XERO_LEVELS = LevelScheme(
    labels={
        "READONLY": "Read only",
        "INVOICEONLY": "Invoice only",
        "STANDARD": "Standard",
        "FINANCIALADVISER": "Adviser",
        "CASHBOOKCLIENT": "Cashbook client",
        "MANAGEDCLIENT": "Managed client",
        "UNKNOWN": "Unknown role",
        "REMOVED": "Removed",
    },
    above={
        "STANDARD": frozenset({"READONLY", "INVOICEONLY"}),
        "FINANCIALADVISER": _UP_TO_STANDARD,
    },
    no_access=frozenset({"REMOVED"}),
    undetermined=frozenset({"UNKNOWN"}),
    shorthands={
        "Any documented role": _UP_TO_ADVISER | _APART,
        "Up to Standard": _UP_TO_STANDARD,
        "Up to Adviser": _UP_TO_ADVISER,
    },
    privileged=frozenset({"FINANCIALADVISER"}),
    basis="business and accounting role",
)

_USER_CHECKS = ("user_identified", "offboarded_access_removed", "user_access_valid")

XERO = Integration(
    slug="xero",
    name="Xero",
    provider="truto",
    organisation_word="organisation",
    purpose=(
        "See who can open your books in Xero, whether each of them should, and prove that people"
        " who left cannot."
    ),
    partner="Truto.one",
    partner_note=(
        "Truto.one is our partner for this connection. It holds the authorisation that you give in"
        " Xero; we keep only a reference to it, never a Xero password or token."
    ),
    read_only_note="Access is read-only. Nothing in Xero is changed, and no setting is touched.",
    scheme=XERO_LEVELS,
    permissions=(
        Permission(
            reads="Users: name, e-mail address, role, and who is the subscriber",
            endpoint="GET /api.xro/2.0/Users",
            why="To know who has access, and to notice when an account comes, changes or goes",
            checks=_USER_CHECKS,
        ),
        Permission(
            reads="Organisation: name, id and short code",
            endpoint="GET /api.xro/2.0/Organisation",
            why="To show which organisation is connected, and to notice if it is another one",
            checks=(),
        ),
    ),
    references=(
        Reference(
            check="user_identified",
            procedure=(
                "Accounts whose e-mail address belongs to exactly one person are matched for you.",
                "For each of the rest, say whose it is under “Identify & map user”.",
                "Remove in Xero what belongs to nobody.",
            ),
        ),
        Reference(
            check="offboarded_access_removed",
            procedure=(
                "Record the last working day of whoever leaves.",
                "Remove the person in Xero: Settings, Users, “Remove access”.",
                "The next complete list proves it and closes the task.",
            ),
        ),
        Reference(
            check="access_control_configured",
            procedure=(
                "Open the critical system and choose “Configure now”.",
                "Allow all staff, or list the Org roles that need Xero and the roles they may have.",
            ),
        ),
        Reference(
            check="user_access_valid",
            procedure=(
                "Add the Org role to the system if its people need Xero.",
                "Otherwise lower the person's role in Xero, or remove the person there.",
            ),
        ),
    ),
    prerequisites=(
        "You are an administrator here.",
        "You have “Admin” access in Xero: there it means the Adviser or Standard role, since Xero"
        " lets no other role connect an app.",
        "Your Xero organisation is on a paid plan.",
        "Your browser allows pop-ups from this page.",
    ),
    acknowledgment=Acknowledgment(
        "I understand that Truto.one, a partner, will hold the authorisation to read our Xero"
        " organisation, that the users and the organisation's details listed on this page are read"
        " from it regularly, and that I am allowed to authorise this for the company."
    ),
    scopes=frozenset({"offline_access", "accounting.settings.read", "openid", "profile", "email"}),
    scope_words={
        "offline_access": "Keep reading while nobody is signed in",
        "accounting.settings.read": "View the organisation's settings and users",
        "accounting.settings": "View and change the organisation's settings",
        "openid": "Know which Xero login authorised",
        "profile": "Name of whoever authorised",
        "email": "E-mail address of whoever authorised",
    },
    removal_steps=(
        "Open {organisation} in Xero as somebody who may manage users (Adviser or Standard).",
        "Click the organisation's name at the top left, then “Settings”, then “Users”.",
        "Under “Current users” open the menu (⋯) beside {account} and choose “Remove access”;"
        " on some pages open the person and choose “Delete user”.",
        "Untick the notification e-mail if it should not be sent, and confirm.",
        "Under “Invited users” cancel any invitation to the person that is still open.",
        "Come back here and choose “Sync now”.",
    ),
    removal_warnings=(
        Caution(
            "subscriber",
            "The subscriber cannot be removed. First transfer the subscription: Settings,"
            " “Subscription and billing”, “Request transfer”; the new subscriber has to accept.",
        ),
        Caution(
            "connector",
            "Whoever connected Xero takes the connection with them. Reconnect as somebody else"
            " with the Adviser or Standard role first, then remove this person.",
        ),
        Caution(
            "practice",
            "People who come from your accountant's or bookkeeper's practice are removed in Xero"
            " HQ, or by the practice when you ask for it.",
        ),
        Caution(
            "everyone",
            "Open invitations are not visible to us: cancel them in Xero, or the person may still"
            " accept one.",
        ),
        Caution(
            "everyone",
            "Repeating invoices that the person approves for sending become drafts, bank feeds"
            " that they authorised may stop, and their saved expense claims are deleted.",
        ),
    ),
    lower_steps=(
        "Open {organisation} in Xero and go to “Settings”, then “Users”.",
        "Open {account}, change the “Business and accounting” role from {level} to {target}, and"
        " save.",
        "Come back here and choose “Sync now”.",
    ),
    look_steps=(
        "Open {organisation} in Xero and go to “Settings”, then “Users”.",
        "Open {account} and look at what the role there ({level}) allows.",
        "If it allows too much, choose another “Business and accounting” role and save.",
        "Come back here and choose “Sync now”.",
    ),
    after_disconnect=(
        "Monitoring has stopped; all evidence is kept.",
        "To withdraw the authorisation in Xero too, open “Settings”, then “Connected apps”, and"
        " disconnect the app there.",
    ),
    blind_spots=(
        "Invitations that nobody has accepted yet",
        "When somebody last signed in",
        "Whether somebody uses multi-factor authentication",
        "Payroll, expenses and projects permissions",
        "Extra permissions: manage users, bank account admin, cash coding, submit BAS",
        "The finer kinds of the Standard and Invoice only roles",
        "Roles in an outside practice (Xero HQ)",
    ),
    users_path="/Settings/Users",
    organisation_link=(
        "https://go.xero.com/organisationlogin/default.aspx"
        "?shortcode={short_code}&redirecturl={path}"
    ),
    users_link="https://go.xero.com/Settings/Users",
)

CATALOG: Mapping[str, Integration] = {each.slug: each for each in (XERO,)}
