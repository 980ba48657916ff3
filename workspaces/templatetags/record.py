"""Filters with which pages tell what the record says."""

from django import template

from audit.selectors import Told
from workspaces import wording
from workspaces.naming import Name

register = template.Library()
register.filter("kind_words", wording.kind_words)
register.filter("told_by", wording.told_by)
register.filter("changes", wording.changes)


@register.filter
def about(act: Told, names: wording.Names) -> Name | None:
    """What an act is about, as `wording.about` names it."""
    return wording.about(act.subject, act.body, names)
