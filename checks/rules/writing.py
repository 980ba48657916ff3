"""The one written form of facts and verdicts: the same content gives the same bytes, for ever.

UTF-8 JSON with sorted keys and no spaces. Sets are sorted lists, things with an id stand in the
order of their ids, instants are UTC with microseconds. An evaluation can be replayed from it
(see `earlier` for those of earlier versions).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from checks.facts import SystemFacts
from checks.rules.base import Judgement, Verdict

Decoder = Callable[[Any], Any]


def canonical(facts: SystemFacts) -> bytes:
    """The facts as bytes; equal for facts that differ only in the order of their parts."""
    return dumped(_ordered(facts))


def digest(content: bytes) -> str:
    """SHA-256 of canonical bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def from_plain(sheet: object) -> SystemFacts:
    """The facts that `canonical` wrote, once parsed; raises ValueError or KeyError for others."""
    facts: SystemFacts = _decoder(SystemFacts)(sheet)
    return facts


def fingerprints(judgements: Mapping[str, Judgement]) -> dict[tuple[str, str], str]:
    """Of each verdict, by check and subject id: 32 hex digits of the SHA-256 of all that it says."""
    return {
        (each.check, each.subject_id): digest(_ENCODER.encode(_SAID(each)).encode(*_ENCODING))[:32]
        for judgement in judgements.values()
        for each in judgement.verdicts
    }


def verdicts_digest(
    judgements: Mapping[str, Judgement],
    prints: Mapping[tuple[str, str], str] | None = None,
) -> str:
    """SHA-256 over all judgements, by check id; the order of verdicts does not matter.

    `prints` are the judgements' fingerprints, where somebody has taken them already.
    """
    of_verdicts = sorted((prints or fingerprints(judgements)).items())
    of_checks = {check: {**vars(each), "verdicts": None} for check, each in judgements.items()}
    return digest(dumped([of_checks, of_verdicts]))


def dumped(content: object) -> bytes:
    """The one written form of plain values."""
    return _ENCODER.encode(content).encode(*_ENCODING)


def _plain(value: object) -> object:
    """What JSON has no form for; asked ten thousands of times, so the commonest come first."""
    if type(value) is datetime:
        return _instant(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value):
        return vars(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"No canonical form for {type(value).__name__}")


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("An instant without a time zone is not a fact")
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")


_ENCODER = json.JSONEncoder(
    default=_plain,
    sort_keys=True,
    ensure_ascii=False,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,  # frozen dataclasses hold no circles, and looking costs a third of the time
)
# A lone surrogate is no character; it is kept apart rather than lost or refused.
_ENCODING = ("utf-8", "surrogatepass")
_SAID = attrgetter(*(each.name for each in fields(Verdict)))


def _ordered(facts: SystemFacts) -> SystemFacts:
    rule = facts.rule
    if rule is not None:
        by_role = sorted(rule.allowances, key=lambda each: each.org_role_id)
        rule = replace(rule, allowances=tuple(by_role))
    return replace(
        facts,
        rule=rule,
        accounts=tuple(sorted(facts.accounts, key=lambda each: each.id)),
        past_accounts=tuple(sorted(facts.past_accounts, key=lambda each: (each.id, each.gone_at))),
        people=tuple(sorted(facts.people, key=lambda each: each.id)),
    )


# Reading, by the declared types of the facts.


@cache
def _decoder(declared: Any) -> Decoder:
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return _optional(_decoder(next(each for each in arguments if each is not type(None))))
    if origin is not None:
        return _collection(origin, arguments)
    if is_dataclass(declared):
        return _record(declared)
    if declared in (datetime, date):
        parse: Decoder = declared.fromisoformat
        return parse
    return declared if issubclass(declared, StrEnum) else _as_is(declared)


def _optional(inner: Decoder) -> Decoder:
    return lambda value: None if value is None else inner(value)


def _as_is(declared: type) -> Decoder:
    def decode(value: Any) -> Any:
        if type(value) is not declared:
            raise ValueError(f"Expected {declared.__name__}, found {type(value).__name__}")
        return value

    return decode


def _record(declared: Any) -> Decoder:
    hints = get_type_hints(declared)
    decoders = [(each.name, _decoder(hints[each.name])) for each in fields(declared)]
    return lambda value: declared(**{name: decode(value[name]) for name, decode in decoders})


def _collection(origin: Any, arguments: tuple[Any, ...]) -> Decoder:
    if issubclass(origin, Mapping):
        inner = _decoder(arguments[1])
        return lambda value: {key: inner(each) for key, each in value.items()}
    if origin is tuple and Ellipsis not in arguments:
        return _fixed_tuple([_decoder(each) for each in arguments])
    inner = _decoder(arguments[0])
    return lambda value: origin(_each(inner, value))


def _fixed_tuple(decoders: list[Decoder]) -> Decoder:
    return lambda value: tuple(decode(each) for decode, each in zip(decoders, value, strict=True))


def _each(decode: Decoder, values: Iterable[Any]) -> list[Any]:
    return [decode(each) for each in values]
