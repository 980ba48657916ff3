"""Tables of the staff directory: people, periods of employment, dated addresses, Org roles."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from workspaces.models import Workspace


class StaffStatus(models.TextChoices):
    """Where a person stands, as a function of their latest period of employment and now."""

    CURRENT = "current", "Current"
    UPCOMING = "upcoming", "Upcoming"  # leaving recorded, access has not ended
    OFFBOARDED = "offboarded", "Offboarded"


class OrgRole(models.Model):
    """A job role in the company (Accountant, Finance lead); not the role inside Xero."""

    LONGEST_NAME = 100

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE)
    name = models.CharField(max_length=LONGEST_NAME)
    created_at = models.DateTimeField()

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
    source = models.CharField(max_length=20, default="manual")
    roles_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~Q(external_id=""),
                name="staff_external_id",
            )
        ]
        indexes = [models.Index("workspace", Lower("name"), "id", name="staff_by_name")]

    def __str__(self) -> str:
        return self.name


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
        indexes = [models.Index(fields=["workspace", "access_ends_at"], name="employment_ends")]


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
