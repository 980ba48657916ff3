"""Evaluations that earlier versions of the rules made, as they were recorded then, stay readable."""

import json
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from checks.facts import SystemFacts
from checks.models import Evaluation, FactSheet
from checks.rules import RULES_VERSION, digest, from_canonical, judge
from checks.rules.earlier import verdicts_digests
from checks.services import replay
from tests.checks.rules.given import NOW, account, leaver, past, person, staff, system

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.json"))


def written(sheet: object) -> bytes:
    """The bytes that were kept: the recording is indented for people."""
    return json.dumps(sheet, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_evaluation_replays_to_the_digest_that_was_kept(path: Path) -> None:
    kept = json.loads(path.read_text())
    content = written(kept["sheet"])
    evaluation = Evaluation(
        facts=FactSheet(content=zlib.compress(content)),
        at=datetime.fromisoformat(kept["at"]),
        rules_version=kept["rules_version"],
        verdicts_digest=kept["verdicts_digest"],
    )
    assert digest(content) == kept["sheet_digest"]
    assert replay(evaluation) == kept["verdicts_digest"]
    evaluation.verdicts_digest = "0" * 64
    assert replay(evaluation) != evaluation.verdicts_digest


def test_recordings_are_of_a_version_since_replaced() -> None:
    versions = [json.loads(path.read_text())["rules_version"] for path in RECORDED]
    assert versions == ["1", "1", "2", "3"]
    assert RULES_VERSION == "4"


@pytest.mark.parametrize("missing", ["accounts", "people", "policies", "rule", "offboarded_total"])
def test_sheet_that_never_lacked_a_part_is_refused_without_it(missing: str) -> None:
    sheet: dict[str, Any] = json.loads(RECORDED[0].read_text())["sheet"]
    del sheet[missing]
    with pytest.raises(KeyError, match=missing):
        from_canonical(written(sheet))


def test_present_version_has_one_digest() -> None:
    sheet = json.loads(RECORDED[0].read_text())["sheet"]
    facts = from_canonical(written(sheet))
    found = judge(facts, datetime.fromisoformat("2026-11-23T12:00:00+00:00"))
    assert [len(verdicts_digests(found, each)) for each in ("1", "2", "3", RULES_VERSION)] == [
        2,
        1,
        1,
        1,
    ]


def test_earlier_versions_differ_only_in_what_they_did_not_say() -> None:
    def differ(facts: SystemFacts) -> tuple[bool, bool]:
        found = judge(facts, NOW)
        second, third, now = (verdicts_digests(found, each)[-1] for each in "234")
        return second != third, third != now

    nobody = person("p1", "accountant"), account(decision=staff())
    assert differ(system(people=nobody[:1], accounts=nobody[1:])) == (False, False)
    assert differ(system()) == (False, False)  # waits for another reason
    assert differ(system(accounts=(account(),))) == (False, True)  # to identify, so not judged
    assert differ(system(people=(leaver(),), past_accounts=(past(),))) == (True, False)


def test_version_that_never_was_has_one_digest() -> None:
    facts = from_canonical(written(json.loads(RECORDED[0].read_text())["sheet"]))
    found = judge(facts, datetime.fromisoformat("2026-11-23T12:00:00+00:00"))
    assert len(verdicts_digests(found, "0")) == 1


def test_order_of_levels_is_known_of_the_one_product_of_version_1_only() -> None:
    sheet: dict[str, Any] = json.loads(RECORDED[0].read_text())["sheet"]
    labels = sheet["scheme"]["labels"]
    assert "order" not in sheet["scheme"]
    assert from_canonical(written(sheet)).scheme.order[:2] == ("READONLY", "INVOICEONLY")
    for others in (labels | {"PAYROLL": "Payroll"}, dict(list(labels.items())[1:])):
        other = sheet | {"scheme": sheet["scheme"] | {"labels": others}}
        assert from_canonical(written(other)).scheme.order[:2] != ("READONLY", "INVOICEONLY")
