"""Sets of levels under the names that people choose them by; pure."""

from collections.abc import Iterable

from checks.facts import LevelScheme

EXACTLY = "exactly"


def default_shorthand(scheme: LevelScheme) -> str:
    """The shorthand that means every documented level; the product names it first."""
    return next(iter(scheme.shorthands))


def of_shorthand(name: str, scheme: LevelScheme) -> frozenset[str] | None:
    """The levels that a shorthand stands for; None, the default, is any documented one."""
    return None if name == default_shorthand(scheme) else scheme.shorthands[name]


def shorthand_of(levels: Iterable[str] | None, scheme: LevelScheme) -> str:
    """The shorthand that stands for exactly these levels, else EXACTLY."""
    if levels is None:
        return default_shorthand(scheme)
    chosen = frozenset(levels)
    named = (each for each in scheme.shorthands if of_shorthand(each, scheme) == chosen)
    return next(named, EXACTLY)


def in_words(levels: Iterable[str] | None, scheme: LevelScheme) -> str:
    """ "Up to Standard", or "Exactly Read only, Adviser"."""
    chosen = None if levels is None else list(levels)
    name = shorthand_of(chosen, scheme)
    if name != EXACTLY:
        return name
    order = {level: place for place, level in enumerate(scheme.labels)}
    ordered = sorted(chosen or (), key=lambda level: (order.get(level, len(order)), level))
    return f"Exactly {', '.join(scheme.name(level) for level in ordered)}"
