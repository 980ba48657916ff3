"""The tag that every sent form carries: Django's token, and the workspace that it was shown for."""

from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workspaces.requests import SHOWN_FOR

register = template.Library()


class FormTokens(CsrfTokenNode):
    """Django's hidden field, and one that tells a form of another tab from one of this workspace."""

    def render(self, context: Context) -> SafeString:
        token = SafeString(super().render(context))
        workspace = getattr(getattr(context, "request", None), "workspace", None)
        if workspace is None:
            return SafeString(token)
        field = '{}<input type="hidden" name="{}" value="{}">'
        return format_html(field, token, SHOWN_FOR, workspace.pk)


@register.tag("csrf_token")
def csrf_token(parser: Any, token: Any) -> FormTokens:
    """Instead of Django's tag of this name, so that no form can forget it."""
    return FormTokens()
