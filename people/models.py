"""Tables of the staff directory: people, periods of employment, dated addresses, Org roles."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from jobs.models import LeasedJob
from workspaces.models import User, Workspace


class StaffStatus(models.TextChoices):
    """Where a person stands, as a function of their latest period of employment and now."""

    CURRENT = "current", "Current"
    UPCOMING = "upcoming", "Upcoming"  # leaving recorded, access has not ended
    OFFBOARDED = "offboarded", "Offboarded"


class Source(models.TextChoices):
    """Where a person's record comes from; automatic sources own the fields that they deliver."""

    MANUAL = "manual", "By hand"
    CSV = "csv", "CSV list"
    API = "api", "REST API"
    SCIM = "scim", "SCIM"
    HRIS = "hris", "HR system"


AUTOMATIC = frozenset({Source.API, Source.SCIM, Source.HRIS})


class OrgRole(models.Model):
    """A job role in the company (Accountant, Finance lead); not the role inside Xero."""

    LONGEST_NAME = 100

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=LONGEST_NAME)
    created_at = models.DateTimeField()
    # A merged role stays, so that lists which still name it are understood.
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("workspace", Lower("name"), name="org_role_name")]
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class StaffMember(models.Model):
    """A person in the directory: employee, contractor or intern, current or former."""

    class Employment(models.TextChoices):
        EMPLOYEE = "employee", "Employee"
        CONTRACTOR = "contractor", "Contractor"
        INTERN = "intern", "Intern"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=100, blank=True)
    employment_type = models.CharField(
        max_length=12, choices=Employment, default=Employment.EMPLOYEE
    )
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    org_roles = models.ManyToManyField(OrgRole, through="StaffOrgRole", related_name="staff")
    on_leave = models.BooleanField(default=False)  # still current staff
    source = models.CharField(max_length=20, default=Source.MANUAL)
    owned_fields = models.JSONField(default=list, blank=True)  # only the source may change these
    last_import = models.ForeignKey(
        "StaffImport", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    roles_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # A duplicate stays as a record that points to the person it turned out to be.
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~Q(external_id=""),
                name="staff_external_id",
            ),
            models.CheckConstraint(
                name="merge_whole",
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("workspace", Lower("name"), "id", name="staff_by_name"),
            models.Index(fields=["workspace", "created_at", "id"], name="staff_by_arrival"),
            models.Index(fields=["workspace", "source", "created_at"], name="staff_by_source"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source_name(self) -> str:
        return str(Source(self.source).label) if self.source in Source.values else self.source


class StaffOrgRole(models.Model):
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE)
    org_role = models.ForeignKey(OrgRole, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "org_role"], name="staff_org_role_once")
        ]


class EmploymentPeriod(models.Model):
    """One stretch of employment; the `latest` (highest `number`) says whether the person is here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="periods")
    number = models.PositiveSmallIntegerField(default=1)
    latest = models.BooleanField(default=True)  # so that a list joins one row a person
    starts_on = models.DateField(null=True)
    last_day = models.DateField(null=True)
    access_ends_at = models.DateTimeField(null=True)
    leaving_recorded_at = models.DateTimeField(null=True)
    leaving_withdrawn_at = models.DateTimeField(null=True)  # a leaving that did not happen
    created_at = models.DateTimeField()  # of a later period: when the return was recorded

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "number"], name="employment_number"),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(latest=True), name="one_latest_employment"
            ),
            models.CheckConstraint(
                name="employment_end_whole",
                condition=Q(last_day__isnull=True, access_ends_at__isnull=True)
                | Q(last_day__isnull=False, access_ends_at__isnull=False),
            ),
            models.CheckConstraint(
                name="employment_order",
                condition=Q(starts_on__isnull=True)
                | Q(last_day__isnull=True)
                | Q(last_day__gte=F("starts_on")),
            ),
        ]
        # Leavers in the order of their day, which the person's id makes unique.
        indexes = [
            models.Index(fields=["workspace", "access_ends_at", "staff"], name="employment_leavers")
        ]


class EmailAddress(models.Model):
    """An address of a person and when it was theirs; `until` null means now.

    `normalised` is the key that identification compares.
    """

    class Kind(models.TextChoices):
        WORK = "work", "Work e-mail"
        ALIAS = "alias", "Alias"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.WORK)
    address = models.CharField(max_length=320)
    normalised = models.CharField(max_length=320)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "normalised"],
                condition=Q(until__isnull=True),
                name="address_of_one_person",
            ),
            models.UniqueConstraint(
                fields=["staff"],
                condition=Q(until__isnull=True, kind="work"),
                name="one_work_address",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "normalised"], name="address_lookup")]


class SearchWord(models.Model):
    """A word that a person is found by: parts of the name, present addresses, the external id.

    Kept as bytes, so that a range is a prefix on every database, whatever its collation.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="+")
    word = models.BinaryField(max_length=400)

    class Meta:
        indexes = [models.Index(fields=["workspace", "word", "staff"], name="staff_search")]


class StaffList(models.Model):
    """When somebody last said, or a list last showed, that the directory is complete."""

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE)
    # Of the last complete list; "by hand" where there was none. A person who confirms changes nothing.
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    confirmed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=200)


class StaffImport(LeasedJob):
    """A CSV list on its way into the directory: read for the preview, held, then applied.

    `state` HELD means that the preview waits for a decision; FAILED with `cancelled` is one.
    """

    task_name = "people.tasks.run_import"

    class Phase(models.TextChoices):
        PREVIEW = "preview"
        APPLY = "apply"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()  # bytes
    complete = models.BooleanField(default=False)
    create_roles = models.BooleanField(default=False)
    phase = models.CharField(max_length=7, choices=Phase, default=Phase.PREVIEW)
    step = models.CharField(max_length=100, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # of lines, by kind
    unread = models.JSONField(default=list)  # columns of the file that nothing is taken from
    choices = models.JSONField(default=dict)  # row number -> "same" or "other"
    plan_digest = models.CharField(max_length=64, blank=True)
    shrinks = models.CharField(max_length=300, blank=True)  # why the list is held
    valid_only = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)  # why a shrinking list was accepted
    by = models.JSONField(default=dict)  # the actor who decided, as the record shows them
    error = models.CharField(max_length=500, blank=True)
    cancelled = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="imports_by_day")]


class ImportPiece(models.Model):
    """A compressed piece of an uploaded file; gone once the import has ended."""

    job = models.ForeignKey(StaffImport, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_piece_once")]


class ImportLine(models.Model):
    """One line of the preview: what would become of a person, or what is wrong with a row."""

    class Kind(models.TextChoices):
        PROBLEM = "problem", "Problems"
        CHOICE = "choice", "To choose"
        ADD = "add", "Added"
        CHANGE = "change", "Changed"
        LEAVER = "leaver", "Leavers"
        ROLE = "role", "New Org roles"

    job = models.ForeignKey(StaffImport, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=7, choices=Kind)
    row = models.PositiveIntegerField(default=0)  # 0 for somebody who is not in the file
    column = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["job", "kind", "row", "id"], name="import_preview")]
