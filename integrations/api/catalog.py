"""Endpoints of the catalog: what can be connected, what is read for it, and why."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from checks.rules import BY_ID
from integrations.catalog import CATALOG, Integration
from workspaces.models import Workspace
from workspaces.rest.endpoints import Whole


class PermissionData(serializers.Serializer[Any]):
    reads = serializers.CharField()
    endpoint = serializers.CharField(help_text="The product's own address that is read.")
    why = serializers.CharField()
    checks = serializers.ListField(child=serializers.CharField())


class ReferenceData(serializers.Serializer[Any]):
    check = serializers.CharField()
    title = serializers.SerializerMethodField()
    procedure = serializers.ListField(child=serializers.CharField())

    def get_title(self, reference: Any) -> str:
        # The catalog has one product; its references are shown with its name.
        return BY_ID[reference.check].title(self.context.get("product", "Xero"))


class IntegrationData(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    partner = serializers.CharField()
    partner_note = serializers.CharField()
    read_only_note = serializers.CharField()
    permissions = PermissionData(many=True)
    references = ReferenceData(many=True)
    prerequisites = serializers.ListField(child=serializers.CharField())
    acknowledgment = serializers.CharField(
        source="acknowledgment.text", help_text="What `acknowledged` confirms when connecting."
    )
    scopes = serializers.SerializerMethodField()
    levels = serializers.SerializerMethodField()
    blind_spots = serializers.ListField(child=serializers.CharField())

    def get_scopes(self, product: Integration) -> list[str]:
        return sorted(product.scopes)

    def get_levels(self, product: Integration) -> list[dict[str, str]]:
        return [{"level": level, "label": label} for level, label in product.scheme.labels.items()]


class Integrations(Whole):
    """Products that can be connected."""

    needs, answers = "integrations.view", IntegrationData

    def things(self, workspace: Workspace) -> Sequence[Integration]:
        return list(CATALOG.values())


class OneIntegration(Whole):
    """One product: what is read from it and why, its checks, and what to acknowledge."""

    needs, answers, many = "integrations.view", IntegrationData, False

    def get(self, request: Any, slug: str = "", **kwargs: Any) -> Response:
        self.slug = slug
        return super().get(request)

    def things(self, workspace: Workspace) -> Integration:
        if self.slug not in CATALOG:
            raise Http404
        return CATALOG[self.slug]
