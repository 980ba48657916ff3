"""Filters with which pages tell what the record says."""

from django import template

from workspaces import wording

register = template.Library()
register.filter("kind_words", wording.kind_words)
register.filter("told_by", wording.told_by)
register.filter("changes", wording.changes)
