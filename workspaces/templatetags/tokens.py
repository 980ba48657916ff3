"""The tag with which pages about passwords and sessions offer to revoke API tokens too."""

from django import template
from django.template.context import Context

from audit import clock
from workspaces import selectors
from workspaces.forms import TokensTooForm
from workspaces.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def tokens_too(context: Context, user: User) -> TokensTooForm | None:
    """The tick box for a person who has tokens that open something, as they ticked it; else None."""
    number = selectors.tokens_alive(user, now=clock.now()).count()
    request = context["request"]
    typed = request.POST if request.method == "POST" else None
    return TokensTooForm(typed, number=number) if number else None
