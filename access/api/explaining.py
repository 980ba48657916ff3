"""The endpoint of explanations: what the verdict of a task was made of, and what would change it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers

from access import selectors
from access.api.tasks import UsedData
from audit import clock
from checks import selectors as checks
from checks import services as judging
from checks.models import Evaluation, Task
from checks.rules import BY_ID
from checks.rules.base import Outcome
from workspaces.models import Workspace
from workspaces.rest.bodies import Query
from workspaces.rest.endpoints import Item
from workspaces.rest.fields import Choice, Id, QueryFlag, shown_as

MOST_EVALUATIONS = 50
TURNS = ("remedy", "critical", "failing", "special_case_ends", "stale", "decision_ends")


class EvaluationData(serializers.ModelSerializer[Evaluation]):
    facts_digest = serializers.CharField(
        source="facts.digest", help_text="SHA-256 of all facts about the system that were judged."
    )

    class Meta:
        model = Evaluation
        fields = ("id", "at", "rules_version", "facts_digest", "verdicts_digest")


class FactsData(serializers.Serializer[Any]):
    about = serializers.CharField(source="title")
    facts = serializers.SerializerMethodField()

    @shown_as(UsedData(many=True))
    def get_facts(self, group: Any) -> list[dict[str, str]]:
        return [{"label": label, "value": value} for label, value in group.pairs]


class TurnData(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=TURNS)
    words = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True, help_text="When the clock does it.")


class ExplanationData(serializers.Serializer[Any]):
    """What one verdict was made of. Words about instants are in the zone of the workspace."""

    task = serializers.UUIDField(source="task.pk")
    evaluation = EvaluationData()
    is_present = serializers.BooleanField(help_text="Whether it made the task what it is now.")
    same_rules = serializers.BooleanField(help_text="Whether the rules are still of that version.")
    outcome = Choice(
        choices=[each.value for each in Outcome],
        source="verdict.outcome",
        default=None,
        allow_null=True,
        help_text="Null where the subject was gone.",
    )
    why = serializers.CharField(source="verdict.why", default="")
    facts = FactsData(source="groups", many=True)
    sync_run = serializers.UUIDField(
        source="run.pk",
        default=None,
        allow_null=True,
        help_text="The run that brought the user list, where one was needed and is known.",
    )
    read_at = serializers.DateTimeField(source="run.read_at", default=None, allow_null=True)
    would_change = TurnData(many=True, help_text="What would change the present verdict.")
    how_to_fix = serializers.ListField(child=serializers.CharField())
    evaluations = EvaluationData(
        many=True, help_text="Those that changed this task, the latest 50 first."
    )
    reproduced = serializers.BooleanField(
        allow_null=True,
        help_text="Whether the kept facts, judged again, gave the same; null where not asked for.",
    )


class ExplanationQuery(Query):
    evaluation = Id(required=False, help_text="An earlier one; absent: the one behind the task.")
    replay = QueryFlag(default=False, help_text="Judge the kept facts again, now.")


class Explanation(Item):
    """What the verdict of a task was made of: facts, rules, the run, and what would change it.

    404 for an evaluation that never changed this task, and where nothing was judged yet.
    """

    needs, answers, query = "tasks.view", ExplanationData, ExplanationQuery

    def rows(self, workspace: Workspace) -> QuerySet[Task]:
        return checks.tasks(workspace, clock.now())

    def found(self) -> dict[str, Any]:
        task, wanted = super().found(), self.parameters()
        found = selectors.explanation(task, evaluation=wanted.get("evaluation"))
        if found is None:
            raise Http404
        kept, product = found.evaluation, selectors.product_name(task)
        again = judging.replay(kept) == kept.verdicts_digest if wanted["replay"] else None
        steps = BY_ID[task.check_id].how_to_fix
        return vars(found) | {
            "reproduced": again,
            "would_change": list(selectors.turns(task, clock.now())),
            "how_to_fix": [each.format(product=product) for each in steps],
            "evaluations": selectors.evaluations(task)[:MOST_EVALUATIONS],
        }
