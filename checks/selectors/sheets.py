"""Readings of what was judged: the facts of an evaluation, and which part a task used."""

import zlib

from checks import rules
from checks.facts import SystemFacts
from checks.models import Evaluation


def sheet(evaluation: Evaluation) -> SystemFacts:
    """The facts that an evaluation judged, as they were."""
    return rules.from_canonical(zlib.decompress(bytes(evaluation.facts.content)))
