"""Every way in which less is known: of the list, of the staff, of the decisions, of the time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from integrations.providers.base import (
    AccountPage,
    Malformed,
    NeedsReconnect,
    Refused,
    RemoteAccount,
    TryLater,
)
from tests.properties.observing import Source, pages
from tests.properties.worlds import DAY, NOW, World

PAGE = 4


@dataclass(frozen=True)
class Case:
    """What the product gets to see; `usable` says whether today's reading may count at all."""

    world: World
    source: Source
    now: datetime
    usable: bool


Degrade = Callable[[Random, World], Case]


def honest(world: World) -> Source:
    return Source(pages(world.today, PAGE))


def _unusable(world: World, source: Source) -> Case:
    """Today's reading proves nothing, so that only yesterday's list may count."""
    return Case(world, source, NOW, usable=False)


def _usable(world: World, now: datetime = NOW) -> Case:
    return Case(world, honest(world), now, usable=True)


def page_missing(random: Random, world: World) -> Case:
    """A page in between is left out; the source's own total gives it away."""
    whole = pages(world.today, 2)
    if len(whole) == 1:
        return page_fails(random, world)
    left_out = random.randrange(len(whole) - 1)
    links = [*whole[:left_out], replace(whole[left_out], accounts=()), *whole[left_out + 1 :]]
    return _unusable(world, Source(tuple(links)))


def page_fails(random: Random, world: World) -> Case:
    """The reading errs half-way, in every meaning that a provider knows."""
    fault = random.choice(
        (NeedsReconnect("No longer accepted"), TryLater(5), Refused("No"), Malformed("Rubbish"))
    )
    whole: list[AccountPage | Exception] = list(pages(world.today, PAGE))
    whole[random.randrange(len(whole))] = fault
    return _unusable(world, Source(tuple(whole)))  # type: ignore[arg-type]


def partial(random: Random, world: World) -> Case:
    """The source flags a page as partial, and somebody is not on it."""
    whole = list(pages(world.today, PAGE))
    at = random.randrange(len(whole))
    whole[at] = replace(whole[at], accounts=whole[at].accounts[1:], partial=True)
    return _unusable(world, Source(tuple(replace(each, total=None) for each in whole)))


def repeated(random: Random, world: World) -> Case:
    """A cursor leads back, or an account comes twice in another's place."""
    whole = list(pages(world.today, PAGE))
    if random.random() < 0.5:
        whole[-1] = replace(whole[-1], next_cursor="0")
    else:
        twice = (*whole[-1].accounts[:-1], whole[0].accounts[0])
        whole[-1] = replace(whole[-1], accounts=twice)
        if len(whole) == 1 and len(twice) == 1:
            whole[-1] = replace(whole[-1], accounts=twice * 2)
    return _unusable(world, Source(tuple(whole)))


def empty(random: Random, world: World) -> Case:
    """A list of nobody, complete by all its marks."""
    return _unusable(world, Source(pages((), PAGE)))


def shrunk(random: Random, world: World) -> Case:
    """A complete list that lost more people than the guard lets pass."""
    live = [each for each in world.yesterday if each.level != "REMOVED"]
    unasked = [each for each in live if each.external_id not in world.asked_to_remove]
    if len(unasked) < 4:
        return empty(random, world)
    gone = {each.external_id for each in random.sample(unasked, 4)}
    rest = tuple(each for each in world.yesterday if each.external_id not in gone)
    return _unusable(world, Source(pages(rest, PAGE)))


def wrong_organisation(random: Random, world: World) -> Case:
    """A complete list of another organisation, where our leavers have no account."""
    stranger = RemoteAccount("z", "Somebody Else", None, "STANDARD", True)
    others = (*(each for each in world.today if random.random() < 0.5), stranger)
    return _unusable(world, Source(pages(others, PAGE), organisation="organisation-2"))


def unknown_levels(random: Random, world: World) -> Case:
    """Xero says of some accounts no more than that their role is unknown."""
    today = tuple(
        replace(each, level="UNKNOWN")
        if each.level != "REMOVED" and random.random() < 0.5
        else each
        for each in world.today
    )
    return _usable(replace(world, today=today))


def decisions_lost(random: Random, world: World) -> Case:
    """Identifications are withdrawn; those of leavers stay held until somebody approves."""
    leaving = {worker.id for worker in world.staff if worker.ends_at is not None}
    lost = {key for key in world.holders if random.random() < 0.5}
    held = {
        key: frozenset({str(world.holders[key])})
        for key in lost
        if isinstance(world.holders[key], str) and world.holders[key] in leaving
    }
    holders = {key: "" if key in lost else each for key, each in world.holders.items()}
    return _usable(replace(world, holders=holders, held_for=held))


def staff_less_known(random: Random, world: World) -> Case:
    """Org roles are missing, or the whole directory is."""
    if random.random() < 0.3:
        return _usable(replace(world, staff=()))
    staff = tuple(
        replace(each, roles=frozenset()) if random.random() < 0.6 else each for each in world.staff
    )
    return _usable(replace(world, staff=staff))


def staff_list_old(random: Random, world: World) -> Case:
    """The tool that sends the whole staff list fell silent: nobody would hear of a leaver."""
    silent = random.choice((timedelta(days=7), 8 * DAY, 90 * DAY))
    return _usable(replace(world, staff_sent_at=NOW - silent))


def rule_lost(random: Random, world: World) -> Case:
    return _usable(replace(world, rule=None))


def older(random: Random, world: World) -> Case:
    """Nothing is read for longer; the clock alone goes on."""
    return _usable(world, NOW + random.choice((timedelta(hours=6), DAY, 3 * DAY, 400 * DAY)))


def clock_behind(random: Random, world: World) -> Case:
    """The clock of the database steps back behind the reading."""
    back = random.choice((timedelta(minutes=5), DAY, 30 * DAY))
    return _usable(world, world.today_read_at - back)


def nothing(random: Random, world: World) -> Case:
    """The world as it is: even then nothing may pass that is not so."""
    return _usable(world)


DEGRADATIONS: dict[str, Degrade] = {
    each.__name__: each
    for each in (
        *(page_missing, page_fails, partial, repeated, empty, shrunk, wrong_organisation),
        *(
            unknown_levels,
            decisions_lost,
            staff_less_known,
            staff_list_old,
            rule_lost,
            older,
            clock_behind,
            nothing,
        ),
    )
}
