"""Two people who change the same thing at once: the second is told, and decides again."""

from people.services.problems import Problem


def refuse_overlap(seen: str | None, version: str, *, who: str) -> None:
    """Stop a save of somebody who saw an earlier state. Raises Problem that names who changed it.

    `seen` is the version on the page they chose from; None: they did not choose from any.
    """
    if seen is not None and seen != version:
        raise Problem(
            "seen",
            f"Changed since you opened it, by {who or 'somebody else'}. Nothing was saved, and what"
            " you chose is still here. Look at theirs first; saving again replaces it.",
        )
