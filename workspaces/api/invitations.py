"""Endpoints of invitations: who is invited, inviting, sending again, withdrawing."""

from functools import partial
from typing import Any

from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from rest_framework import serializers

from workspaces import selectors
from workspaces.api.members import AREAS, RIGHTS, RightsInput
from workspaces.models import Invitation, Workspace
from workspaces.rest.endpoints import Endpoint, Item, Listing, acts
from workspaces.rest.fields import Text
from workspaces.services import Rights, invitations


class InvitationData(serializers.ModelSerializer[Invitation]):
    """An open invitation. Its link is mailed to the address and shown nowhere else."""

    areas = AREAS

    class Meta:
        model = Invitation
        fields = ("id", "email", *RIGHTS, "created_at", "expires_at")


class InvitationInput(RightsInput):
    email = Text(
        max_length=254, validators=[EmailValidator()], help_text="Where the link is mailed to."
    )


class Invitations(Listing):
    """Open invitations, those that are too old included."""

    needs, needs_to_write, answers = "members.view", "members.manage", InvitationData
    orderings = {
        "-created_at": ("-created_at", "-id"),
        "created_at": ("created_at", "id"),
    }

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[Invitation]:
        return selectors.invitations(workspace)

    @acts(takes=InvitationInput, answers=InvitationData, status=201)
    def post(self, data: dict[str, Any]) -> Invitation:
        """Invite somebody by e-mail; nobody gives more than they hold.

        The mail leaves when the invitation is kept. One that the mail server refuses stands in the
        log, and is sent again by `send`.
        """
        email = data.pop("email")
        made, secret = invitations.invite(
            self.workspace, email=email, rights=Rights(**data), granter=self.membership, by=self.by
        )
        _mail(self, made, secret)
        return made


class OneInvitation(Item):
    """One open invitation."""

    needs, needs_to_write, answers = "members.view", "members.manage", InvitationData

    def rows(self, workspace: Workspace) -> QuerySet[Invitation]:
        return selectors.invitations(workspace).select_related("workspace")

    @acts(status=204)
    def delete(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Make the link of an invitation worthless."""
        invitations.withdraw(self.found(), by=self.by)


class Send(OneInvitation):
    http_method_names = ["post"]

    @acts(answers=InvitationData)
    def post(self, data: dict[str, Any], **kwargs: Any) -> Invitation:
        """Mail a new link, good for another week; the one before stops working."""
        found = self.found()
        secret = invitations.renew(found, granter=self.membership, by=self.by)
        _mail(self, found, secret)
        return self.found()  # type: ignore[no-any-return]


def _mail(endpoint: Endpoint, invitation: Invitation, secret: str) -> None:
    """After the commit: no mail server is waited for in a transaction."""
    there = reverse("workspaces:join", args=[secret])
    link = endpoint.request.build_absolute_uri(there)
    transaction.on_commit(partial(invitations.send, invitation, link=link))
