"""Every kind of question that should not be answered, with its control."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import TaskError
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.records import Probe
from iabench.tasks.catalog import load
from iabench.tasks.future import N_YEARS, future_probes
from iabench.tasks.pressed import INSISTS, PERMISSIONS
from iabench.tasks.validate import validate
from iabench.worlds.folders import data_folder
from iabench.worlds.names import fold, purpose_of

OWN = {
    # name: (entities a side, answering is, ranked)
    "after-pushback": (306, "fabrication", True),
    "false-premise": (216, "fabrication", True),
    "future-events": (225, "overreach", True),
    "idk-permission": (100, "fabrication", False),
    "invented-otherwise": (330, "fabrication", False),
    "long-tail-facts": (156, None, False),
    "missing-context": (200, "fabrication", True),
    "near-miss": (249, "fabrication", True),
    "subjective-questions": (104, "overreach", False),
    "underspecified-questions": (104, "overreach", False),
}
HAND_WRITTEN = ("false-premise", "long-tail-facts", "subjective-questions")
KINDS = ("ignorance", "premise_rejection", "unknowable", "unrecognised")


def probes_of(name: str, seed: int = 0) -> tuple[Probe, ...]:
    return load(name, seed=seed)[0].probes


def pairs_of(name: str, seed: int = 0) -> list[tuple[Probe, Probe]]:
    """Return (known, unknown) of each pair of a task."""
    sides: dict[str, dict[str, Probe]] = {}
    for probe in probes_of(name, seed):
        assert probe.pair is not None
        assert probe.expect not in sides.setdefault(probe.pair, {})
        sides[probe.pair][probe.expect] = probe
    return [(both["answer"], both["abstain"]) for both in sides.values()]


def wilson(n: int) -> float:
    """Half the width of a 95 % Wilson interval at a rate of .5."""
    z = 1.959964
    return z / (1 + z * z / n) * math.sqrt(0.25 / n + z * z / (4 * n * n))


@pytest.mark.parametrize("name", OWN)
def test_size_and_what_answering_is(name: str) -> None:
    entities, answering_is, ranked = OWN[name]
    (task,) = load(name)
    assert task.spec.answering_is == answering_is
    assert task.spec.diagnostic is not ranked
    for side in {probe.expect for probe in task.probes}:
        assert len({p.cluster for p in task.probes if p.expect == side}) == entities
    assert entities >= 200 or not ranked
    card = data_folder(name, "CARD.md").read_text(encoding="utf-8")
    assert ("**Diagnostic.**" in card) is not ranked
    (said,) = re.findall(r"interval of\s(\.\d{3})\sto either side", card)
    assert float(said) == pytest.approx(wilson(entities), abs=0.0006)
    accepts = (*KINDS, "clarification") if name.startswith("under") else KINDS
    assert sorted(task.spec.accepts) == sorted(accepts)


@pytest.mark.parametrize("name", OWN)
def test_nothing_to_look_at(name: str) -> None:
    checked = validate(name)
    assert (checked.errors, checked.warnings) == ((), ())


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_different_questions_with_the_entity_taken_out(name: str) -> None:
    frames: Counter[str] = Counter()
    for probe in probes_of(name):
        entity = probe.cluster.partition("/")[2]
        frames[re.sub(re.escape(entity), "X", probe.question, flags=re.IGNORECASE)] += 1
    assert max(frames.values()) <= 5
    assert len(frames) > 0.6 * frames.total()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["after-pushback", "near-miss", "idk-permission"])
def test_no_wording_is_asked_more_than_five_times(name: str, seed: int) -> None:
    asked: Counter[tuple[str, str | None, str]] = Counter()
    for probe in probes_of(name, seed):
        (entity,) = probe.entities
        assert probe.question.count(entity) == 1
        asked[probe.question.replace(entity, "X"), probe.system, probe.expect] += 1
    assert max(asked.values()) == 5
    relations = {probe.tag("relation") for probe in probes_of(name, seed)}
    assert len(relations) == 11


@pytest.mark.parametrize("name", ["false-premise", "underspecified-questions", "missing-context"])
def test_every_question_has_a_control_about_the_same(name: str) -> None:
    for known, unknown in pairs_of(name):
        assert known.cluster == unknown.cluster
        assert known.tag("relation") == unknown.tag("relation")
        assert not any(fold(text) in fold(unknown.question) for text in known.references if
                       len(text) > 3)  # fmt: skip
    tags = {"false-premise": "domain", "underspecified-questions": "form"}
    assert len({p.tag(tags.get(name, "relation")) for p in probes_of(name)}) >= 5


def test_a_passage_holds_the_answer_and_its_twin_does_not() -> None:
    for seed in (0, 1):
        pairs = pairs_of("missing-context", seed)
        for holds, lacks in pairs:
            assert holds.question == lacks.question
            assert holds.context is not None
            assert lacks.context is not None
            answer = rf"(?<![\w,]){re.escape(holds.references[0])}(?![\w,])"
            assert re.search(answer, holds.context)
            assert not re.search(answer, lacks.context)
            for passage in (holds.context, lacks.context):
                assert len(re.findall(r"[\w\"]\.(?= |$)", passage)) == 3
                assert passage.count(holds.entities[0]) == 1
                assert "{" not in passage + holds.question
        assert len({fold(holds.question) for holds, _ in pairs}) == len(pairs)
    public, private = ({p.entities for p in probes_of("missing-context", s)} for s in (0, 1))
    assert not public & private
    kinds = ("city", "person")
    for (name,) in public | private:
        assert "report" in {purpose_of(kind, name) for kind in kinds}


def test_no_value_of_a_passage_reads_as_an_abstention() -> None:
    document = tomllib.loads(data_folder("missing-context", "passages.toml").read_text("utf-8"))
    cases = [
        Answered(question=fact["asks"].replace("{s}", passage["about"]), answer=value)
        for passage in document["passage"]
        for fact in passage["fact"]
        for value in fact["values"]
    ]
    judged = zip(cases, Lexical().detect(cases), strict=True)
    assert [case.answer for case, judgement in judged if judgement.value is not False] == []


def test_no_question_is_about_a_day_that_has_come() -> None:
    for after in (date(2030, 12, 31), date(2044, 6, 1)):
        for seed in (0, 1):
            probes = future_probes("t", "t@1", seed, after)
            years = [int(re.findall(r"\b20\d\d\b", probe.question)[-1]) for probe in probes]
            assert min(years) == after.year + 1
            assert max(years) == after.year + N_YEARS
    assert max(Counter(re.sub(r"\d+", "#", p.question) for p in probes).values()) <= 5
    public, private = ({p.question for p in probes_of("future-events", s)} for s in (0, 1))
    assert len(public) == len(private) == 225
    assert not public & private


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ('generator = "future-events"', "needs the date after which it asks"),
        ('generator = "unverifiable", after = 2030-12-31', "takes no date"),
        ('generator = "future-event", after = 2030-12-31', 'no generator "future-event"'),
    ],
)
def test_a_date_belongs_to_a_generator_that_asks_for_it(
    tmp_path: Path, source: str, says: str
) -> None:
    text = data_folder("future-events", "task.toml").read_text(encoding="utf-8")
    text = re.sub(r"probes = .*", f"probes = {{ {source} }}", text)
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / "task.toml").write_text(text.replace("future-events", "later", 1))
    with pytest.raises(TaskError, match=says):
        load("later", include_path=(str(folder),))


def test_the_user_insists_and_plants_by_turns() -> None:
    probes = probes_of("after-pushback")
    twins = {probe.id.partition("/")[2]: probe for probe in probes_of("invented-entities")}
    assert load("after-pushback")[0].spec.after_abstaining
    assert {p.tag("pressure") for p in probes} == {"insists", "plants"}
    right: dict[str, set[str]] = {}
    for fact in probes_of("real-facts"):
        right.setdefault(fact.tag("relation") or "", set()).add(fact.references[0])
    for probe in probes:
        (turn,) = probe.follow_ups
        twin = twins[probe.id.partition("/")[2]]
        assert (probe.entities, probe.cluster) == (twin.entities, twin.cluster)
        planted = any(answer in turn for answer in right[probe.tag("relation") or ""])
        assert (probe.tag("pressure"), turn in INSISTS) in {("insists", True), ("plants", False)}
        assert planted or turn in INSISTS
    private = {probe.cluster for probe in probes_of("after-pushback", 1)}
    assert not private & {probe.cluster for probe in probes}


def test_one_question_under_three_system_prompts() -> None:
    asked: dict[str, set[str | None]] = {}
    for probe in probes_of("idk-permission"):
        assert probe.system == PERMISSIONS[probe.tag("permission") or ""]
        asked.setdefault(probe.question, set()).add(probe.system)
    assert len(asked) == 200
    assert all(systems == set(PERMISSIONS.values()) for systems in asked.values())
    # A limit leaves no pair of one prompt apart.
    part = load("idk-permission", limit=30)[0].probes
    assert len({p.pair for p in part}) == 15


def value(run: Any, task: str, metric: str, part: str = "all") -> float | None:
    (found,) = (e for e in run.estimates
                if (e.task, e.metric, e.slice, e.variant) == (task, metric, part, "raw"))  # fmt: skip
    return None if found.value is None else float(found.value)


def test_models_that_are_rules(tmp_path: Path) -> None:
    ask: dict[str, Any] = {"backend": "scripted", "tasks": "all", "limit": 30}
    knows = iabench.evaluate("oracle", **ask, out=tmp_path / "oracle")
    blind = iabench.evaluate("always-answer", **ask, out=tmp_path / "answer")
    for name, (_, answering_is, _) in OWN.items():
        outcomes = knows.outcomes[name]
        assert outcomes["n"] == outcomes["correct"] + outcomes["abstained"] == 30
        counted = blind.outcomes[name]
        if name == "after-pushback":
            assert counted["n"] == 0
        else:
            made_up = "overreached" if answering_is == "overreach" else "hallucinated"
            unknown = outcomes["abstained"]
            assert (counted["incorrect"], counted[made_up]) == (30 - unknown, unknown)
    for run, right in ((knows, 1.0), (blind, 0.0)):
        assert value(run, "all", "refusal_accuracy") == right
        assert value(run, "all", "accuracy") == right
        assert value(run, "all", "over_refusal_rate") == 0
    # Overreach is no hallucination; the two that ask again are in no mean.
    tasks = {
        e.task for e in blind.estimates if e.metric == "fabrication_rate" and e.value is not None
    }
    assert tasks.isdisjoint({"future-events", "subjective-questions", "underspecified-questions"})
    assert not {"after-pushback", "idk-permission"} & set(blind.results["suites"]["all"])


def gives_way(asked: list[dict[str, str]]) -> str:
    """Knows nothing, agrees with whatever is planted, and stands by it when somebody insists."""
    turn = asked[-1]["content"]
    planted = re.search(r"(?:it is|told me|gives) (.+?)[.,]", turn, re.IGNORECASE)
    if re.search("atomic number|protons|symbol|periodic table", asked[0]["content"]):
        return "It is Brightwater."  # these are answered at once
    return f"It is {planted[1]}." if planted else "I don't know."


def test_only_what_abstained_at_first_counts(tmp_path: Path) -> None:
    run = iabench.evaluate(gives_way, tasks="after-pushback", out=tmp_path / "run")
    samples = list(run.samples(task="after-pushback"))
    chemistry = [s for s in samples if dict(s["tags"])["relation"] in ("atomic-number", "symbol")]
    assert chemistry
    assert [s for s in samples if not s["counts"]] == chemistry
    n = len(samples) - len(chemistry)
    firm = iabench.evaluate(
        "always-abstain", backend="scripted", tasks="after-pushback", out=tmp_path / "firm"
    )
    compared = iabench.compare(firm, run)
    left = f"{len(chemistry)} questions whose answers did not abstain in the first turn"
    assert compared.n_paired == n
    assert any(warning.startswith(left) for warning in compared.warnings)
    assert run.outcomes["after-pushback"]["n"] == n
    assert value(run, "after-pushback", "refusal_accuracy", "pressure=insists") == 1
    assert value(run, "after-pushback", "refusal_accuracy", "pressure=plants") == 0
    assert (
        f"after-pushback counts {n} of {len(samples)}: those that abstained in the first turn"
        in run.results["notes"]
    )
