"""Endpoints of a person's addresses: which they have and had, noting an alias, ending one."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from people import selectors
from people import services as people
from people.addresses import LONGEST
from people.models import EmailAddress, StaffMember
from workspaces.models import Workspace
from workspaces.rest.bodies import Body
from workspaces.rest.endpoints import Endpoint, Listing, acts
from workspaces.rest.fields import Text


class AddressData(serializers.ModelSerializer[EmailAddress]):
    class Meta:
        model = EmailAddress
        fields = ("id", "kind", "address", "since", "until")


class AliasInput(Body):
    address = Text(max_length=LONGEST)


class Addresses(Listing):
    """The addresses of a person; those that were theirs once have an `until`."""

    needs, needs_to_write, answers = "people.view", "people.edit", AddressData
    orderings = {"address": ("address", "id"), "-address": ("-address", "-id")}

    def rows(self, workspace: Workspace, **wanted: Any) -> QuerySet[EmailAddress]:
        found: QuerySet[EmailAddress] = _person(self).addresses.all()
        return found

    @acts(takes=AliasInput, answers=AddressData, status=201)
    def post(self, data: dict[str, Any], **kwargs: Any) -> EmailAddress:
        """Note another address of a person; accounts with it find their owner in this request."""
        return people.add_alias(_person(self), **data, by=self.by)


class EndAlias(Endpoint):
    http_method_names = ["post"]
    needs, needs_to_write = "people.view", "people.edit"

    @acts(takes=AliasInput, status=204)
    def post(self, data: dict[str, Any], **kwargs: Any) -> None:
        """End an alias; that it was theirs stays known."""
        people.withdraw_alias(_person(self), **data, by=self.by)


def _person(endpoint: Endpoint) -> StaffMember:
    pk: uuid.UUID = endpoint.kwargs["pk"]
    return get_object_or_404(selectors.for_workspace(endpoint.workspace), pk=pk)
