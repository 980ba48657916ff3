"""The second factor of somebody who lost it: taken away by whoever runs the installation."""

from allauth.mfa.models import Authenticator

from audit import services as audit
from workspaces.models import User
from workspaces.problems import Problem


def reset_second_factor(user: User, *, by: audit.Actor) -> None:
    """Take away authenticator app and recovery codes; the password alone opens the door then.

    Raises Problem where there is no second factor.
    """
    with audit.act(None, by=by):
        rows = Authenticator.objects.filter(user=user)
        if not rows.exists():
            raise Problem("", f"{user.email} has no second factor. Nothing was changed.")
        for each in rows:  # one by one: each leaves its line in the record
            each.delete()
        audit.record("second_factor.reset", subject=f"user:{user.pk}", email=user.email)
