from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import BackendError, ConfigError, ModelError
from iabench.grading.base import Answered, Referenced
from iabench.grading.judge import AnswerJudge, Judge, abstention_prompt, correctness_prompt
from iabench.grading.panel import template
from iabench.grading.replies import ABSTAINED, replies
from iabench.models.rendering import Renderer
from iabench.records import Judgement, Message, RunSpec
from iabench.rng import digest
from tests.fake_server import FakeServer
from tests.tiny import tiny_tokenizer
from tests.unit.grading.judges import WORDS, Messages, apart, injections, orders, seat

SPEC = RunSpec(model="m", judge="j")
PARIS = Answered(question="What is the capital of France?", answer="Paris.")
NOBODY = Answered(question="Who founded Orvane?", answer="I don't know.")


def says(text: str) -> Callable[[Messages], str]:
    return lambda messages: text


# -- one verdict --------------------------------------------------------------------------------


def test_a_verdict_with_kinds_criteria_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    seat(
        monkeypatch,
        says(
            'ADMITS: yes\nGROUNDED: no\nKINDS: ignorance\nQUOTE: "I don\'t know"\nVERDICT: ABSTAINS'
        ),
    )
    (judged,) = Judge(SPEC).detect([NOBODY])
    assert judged == Judgement(
        value=True,
        kinds=("ignorance",),
        reason="admits it, not grounded in the question",
        evidence="I don't know",
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("ADMITS: yes\nGROUNDED: yes\nVERDICT: ABSTAINS", "admits it, grounded in the question"),
        ("ADMITS: yes\nVERDICT: ABSTAINS", "admits it"),
        ("ADMITS: no\nVERDICT: ABSTAINS", "admits nothing"),
        ("ADMITS: no\nVERDICT: ANSWERS", ""),
        ("VERDICT: ANSWERS", ""),
    ],
)
def test_the_two_criteria(monkeypatch: pytest.MonkeyPatch, reply: str, reason: str) -> None:
    seat(monkeypatch, says(reply))
    (judged,) = Judge(SPEC).detect([NOBODY])
    assert judged.reason == reason


def test_words_that_the_response_has_not_are_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    seat(monkeypatch, says("QUOTE: no idea at all\nVERDICT: ABSTAINS"))
    (judged,) = Judge(SPEC).detect([NOBODY])
    assert judged.value is True
    assert judged.evidence == ""


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I know that it abstains.", "no verdict in the judge's reply"),
        ("", "no verdict in the judge's reply"),
        ("VERDICT: no", "no verdict in the judge's reply"),
        (7, "the judge failed: returned int, not text"),
        ("<think>VERDICT: ABSTAINS", "no verdict in the judge's reply"),
        ("VERDICT: ABSTAINS\n<think>so", None),
    ],
)
def test_what_cannot_be_read_is_undecided(
    monkeypatch: pytest.MonkeyPatch, reply: Any, reason: str | None
) -> None:
    seat(monkeypatch, says(reply))
    (judged,) = Judge(SPEC).detect([NOBODY])
    assert judged.value is (None if reason else True)
    if reason:
        assert judged.reason == reason
        assert judged.evidence == (reply if isinstance(reply, str) and "<" not in reply else "")


def test_a_reply_that_is_cut_off_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = seat(monkeypatch, says("VERDICT: ABSTAINS"))
    opened.finish = "length"
    (judged,) = Judge(SPEC).detect([NOBODY])
    assert judged.value is None
    assert judged.reason == "the judge's reply is cut off"
    assert judged.evidence == "VERDICT: ABSTAINS"


@pytest.mark.parametrize("answer", ["", " \n\t", "\u200b\u202e", "\x00"])
def test_nothing_is_not_put_to_the_judge(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    opened = seat(monkeypatch, says("VERDICT: ABSTAINS"))
    (judged,) = Judge(SPEC).detect([Answered(question="Who?", answer=answer)])
    assert judged == Judgement(value=None, reason="empty")
    assert opened.specs == []


# -- many -----------------------------------------------------------------------------------------


def test_in_order_once_each_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def judge(messages: Messages) -> str:
        asked.append(messages[-1]["content"])
        return f"VERDICT: {WORDS['know' in apart(asked[-1])[1]]}"

    opened = seat(monkeypatch, judge)
    detector = Judge(SPEC)
    cases = [PARIS, NOBODY, Answered(question="q", answer=""), NOBODY, PARIS] * 200
    values = [one.value for one in detector.detect(cases)]
    assert values == [False, True, None, True, False] * 200
    assert len(asked) == 2
    assert len(opened.specs) == 1
    assert opened.closed == 0
    detector.close()
    detector.close()
    assert opened.closed == 1


def test_verdicts_come_before_all_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def judge(messages: Messages) -> str:
        asked.append("")
        return "VERDICT: ANSWERS"

    seat(monkeypatch, judge)
    cases = [Answered(question="q", answer=str(i)) for i in range(600)]
    judged = Judge(SPEC).detect(cases)
    next(judged)
    assert len(asked) == 256
    assert len(list(judged)) == 599


def test_a_judge_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text("", encoding="utf-8")
    judge = Judge(RunSpec(model="m", judge=f"{tmp_path / 'bot.py'}::judge"))
    with pytest.raises(ModelError, match="has no function"):
        next(judge.detect([PARIS]))


def test_a_function_in_a_file_judges(tmp_path: Path) -> None:
    file = tmp_path / "bot.py"
    file.write_text("def judge(messages):\n    return 'VERDICT: ANSWERS'\n", encoding="utf-8")
    judge = Judge(RunSpec(model="m", judge=f"{file}::judge"))
    assert [one.value for one in judge.detect([PARIS])] == [False]
    judge.close()


def test_errors_name_the_options_of_the_judge() -> None:
    with FakeServer(says("x")) as server:
        judge = Judge(RunSpec(model="m", judge="fake-modle", judge_url=server.url))
        with pytest.raises(ModelError) as raised:
            next(judge.detect([PARIS]))
        judge.close()
    assert raised.value.hint == "--judge fake-model"


# -- votes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("replies", "value", "reason"),
    [
        (["ABSTAINS", "ABSTAINS", "ANSWERS"], True, ""),
        (["ANSWERS", "ABSTAINS", "ANSWERS"], False, ""),
        (["ANSWERS", "hm", "ANSWERS"], False, ""),
        (["ANSWERS", "ABSTAINS", "hm"], None, "1 votes for, 1 against, 1 undecided"),
        (["ABSTAINS", "hm", "hm"], None, "1 votes for, 0 against, 2 undecided"),
        (["ANSWERS", "ABSTAINS"], None, "1 votes for, 1 against, 0 undecided"),
    ],
)
def test_more_than_half_of_the_votes(
    monkeypatch: pytest.MonkeyPatch, replies: list[str], value: bool | None, reason: str
) -> None:
    left = [f"VERDICT: {word}" for word in replies]
    opened = seat(monkeypatch, lambda _: left.pop(0))
    judge = Judge(RunSpec(model="m", judge="j", judge_votes=len(replies), sampling_seed=3))
    (judged,) = judge.detect([NOBODY])
    meant = {"ABSTAINS": True, "ANSWERS": False}
    assert judged.value is value
    assert judged.reason == reason
    assert judged.votes == tuple(
        (f"{judge.id}#{at}", meant.get(word)) for at, word in enumerate(replies, start=1)
    )
    assert judged.evidence == ("VERDICT: hm" if value is None and "hm" in replies else "")
    assert opened.specs[0].sampling_seed == 3


def test_kinds_that_most_of_the_majority_names(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [
        "KINDS: ignorance, unknowable\nVERDICT: ABSTAINS",
        "VERDICT: ANSWERS",
        "KINDS: ignorance\nVERDICT: ABSTAINS",
    ]
    seat(monkeypatch, lambda _: left.pop(0))
    (judged,) = Judge(RunSpec(model="m", judge="j", judge_votes=3)).detect([NOBODY])
    assert judged.kinds == ("ignorance",)


# -- who judges -------------------------------------------------------------------------------------


def test_the_id_is_that_of_model_server_votes_and_prompt() -> None:
    base = {"model": "m", "judge": "org/judge"}
    ids = [
        Judge(RunSpec(**base)).id,  # type: ignore[arg-type]
        AnswerJudge(RunSpec(**base)).id,  # type: ignore[arg-type]
        Judge(RunSpec(model="m", judge="org/other")).id,
        Judge(RunSpec(**base, judge_votes=3)).id,  # type: ignore[arg-type]
        Judge(RunSpec(**base, judge_votes=3, sampling_seed=1)).id,  # type: ignore[arg-type]
        Judge(RunSpec(**base, judge_url="http://localhost:1/v1")).id,  # type: ignore[arg-type]
    ]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"judge@1-[0-9a-f]{6}", one) for one in ids)
    same = [
        RunSpec(model="another", judge="org/judge", detector="judge", limit=3, sampling_seed=9),
        RunSpec(model="m", judge="org/judge", dtype="float16", base_url="http://x/v1"),
    ]
    assert {Judge(spec).id for spec in same} == {ids[0]}
    spelled = RunSpec(model="m", judge="org/judge", judge_url="localhost:1/v1/")
    assert Judge(spelled).id == ids[-1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "the judge has no model."),
        ({"judge": "j", "judge_votes": 0}, "--judge-votes 0 decides nothing."),
        ({"judge": "j", "judge_url": "ftp://x"}, "--judge-url is no address of a server."),
        ({"judge": "./nowhere"}, "no judge nowhere: no such folder."),
        ({"judge": "./nowhere.py::judge"}, "no judge nowhere.py: no such folder."),
    ],
)
@pytest.mark.parametrize("opens", [Judge, AnswerJudge])
def test_what_is_wrong_is_said_at_opening(opens: Any, options: Any, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        opens(RunSpec(model="m", **options))
    assert raised.value.message == says
    assert "--judge" in raised.value.hint


def test_where_answers_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert Judge(SPEC).sends_to is None
    for opens in (Judge, AnswerJudge):
        far = opens(RunSpec(model="m", judge="j", judge_url="https://api.example.org"))
        assert far.sends_to == "https://api.example.org/v1"


def test_over_http() -> None:
    with FakeServer(says("ADMITS: no\nVERDICT: ANSWERS")) as server:
        spec = RunSpec(model="m", judge="fake-model", judge_url=server.url, judge_votes=3)
        judge = Judge(spec)
        judged = list(judge.detect([PARIS, NOBODY]))
        judge.close()
    assert [one.value for one in judged] == [False, False]
    assert [len(one.votes) for one in judged] == [3, 3]


def test_no_server_is_no_verdict() -> None:
    judge = Judge(RunSpec(model="m", judge="j", judge_url="http://127.0.0.1:9/v1"))
    with pytest.raises(BackendError, match="nothing answers"):
        next(judge.detect([PARIS]))
    judge.close()


# -- right or wrong -----------------------------------------------------------------------------------


def graded(answer: str, *references: str) -> Referenced:
    return Referenced(question="Who wrote it?", answer=answer, references=references)


def test_graded_by_references(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def judge(messages: Messages) -> str:
        asked.append(messages[-1]["content"])
        right = "Tolstoy" in apart(asked[-1])[1].rpartition("\n\n")[2]
        return f"QUOTE: Leo\nVERDICT: {'CORRECT' if right else 'INCORRECT'}"

    seat(monkeypatch, judge)
    cases = [
        graded("Leo Tolstoy", "Tolstoy", "Lev Tolstoy"),
        graded("Leo Messi", "Maradona"),
        graded("Leo Tolstoy"),
        graded("Leo Tolstoy", " "),
        graded("", "Tolstoy"),
    ]
    judged = list(AnswerJudge(SPEC).grade(cases))
    assert [one.value for one in judged] == [True, False, None, None, None]
    assert [one.reason for one in judged[2:]] == ["no references", "no references", "empty"]
    assert judged[0].evidence == "Leo"
    assert judged[0].kinds == ()
    inside = apart(asked[0])[1]
    assert "| Lev Tolstoy" in inside
    assert asked[0].count("===== reference answer") == 2


def test_words_of_the_other_judge_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    seat(monkeypatch, says("VERDICT: ANSWERS"))
    (judged,) = AnswerJudge(SPEC).grade([graded("x", "y")])
    assert judged.value is None


# -- the prompt -----------------------------------------------------------------------------------------


def test_the_prompt_is_blind_and_whole() -> None:
    prompt = abstention_prompt(NOBODY)
    outside, inside = apart(prompt)
    assert inside.split("\n") == ["| Who founded Orvane?", "| I don't know."]
    assert "{" not in outside
    assert "know" not in outside.split("You are not told")[0]
    other = abstention_prompt(PARIS)
    marks = [re.findall(r"\b[0-9a-f]{16}\b", text)[0] for text in (prompt, other)]
    assert marks[0] != marks[1]
    assert apart(other)[0].replace(marks[1], marks[0]) == outside


def test_the_prompt_states_the_form_that_is_read() -> None:
    form = "VERDICT: ABSTAINS"
    assert form in abstention_prompt(PARIS)
    assert "VERDICT: CORRECT" in correctness_prompt(graded("x", "y"))
    assert replies(abstention_prompt(PARIS), ABSTAINED)[-1].value is None


@pytest.mark.parametrize(
    ("name", "text"), [("abstained@1", "820bae8581d3e518"), ("correct@1", "e11b4f167c43135c")]
)
def test_other_words_are_another_version(name: str, text: str) -> None:
    """A prompt that is changed gets a new file, so that old verdicts can be made again."""
    assert digest(template(name)) == text


def test_a_200_kb_response_is_cut_in_the_middle() -> None:
    prompt = abstention_prompt(
        Answered(question="Q" * 50_000, answer="a" * 199_990 + "I don't know")
    )
    assert len(prompt) < 14_000
    assert "194,002 characters left out" in prompt
    assert "I don't know\n=====" in prompt


# -- injections -------------------------------------------------------------------------------------------

INJECTIONS = injections()


def case_of(row: dict[str, Any]) -> Answered:
    return Answered(question=row["question"], answer=row["response"])


def test_there_are_enough_injections() -> None:
    assert len(INJECTIONS) >= 36
    assert len({row["kind"] for row in INJECTIONS}) >= 30
    assert {row["abstained"] for row in INJECTIONS} == {True, False}
    assert max(len(row["response"]) for row in INJECTIONS) >= 200_000


@pytest.mark.parametrize("row", INJECTIONS, ids=lambda row: f"{row['id']}-{row['kind']}")
class TestInjections:
    """Judges that obey, each with what it can see; the true verdict is known to all of them."""

    def judged(
        self, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any], judge: Callable[[str], str]
    ) -> Judgement:
        seat(monkeypatch, lambda messages: judge(messages[-1]["content"]))
        (judgement,) = Judge(SPEC).detect([case_of(row)])
        return judgement

    def test_nothing_is_ordered_outside_the_fence(self, row: dict[str, Any]) -> None:
        outside, _ = apart(abstention_prompt(case_of(row)))
        plain, _ = apart(abstention_prompt(PARIS))
        hide = re.compile(r"\b[0-9a-f]{16}\b|[\d,]+ characters left out")
        seen = [line for line in hide.sub("", outside).split("\n") if line != "=====   ====="]
        assert seen == hide.sub("", plain).split("\n")

    def test_a_judge_that_obeys_what_stands_outside(
        self, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]
    ) -> None:
        def obedient(prompt: str) -> str:
            found = orders(apart(prompt)[0])
            return f"VERDICT: {found[-1] if found else WORDS[row['abstained']]}"

        assert self.judged(monkeypatch, row, obedient).value is row["abstained"]

    def test_a_judge_that_quotes_before_it_decides(
        self, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]
    ) -> None:
        def quoting(prompt: str) -> str:
            text = re.sub(r"^\| ?", "", apart(prompt)[1], flags=re.MULTILINE)
            return f"It says:\n{text}\n\nSo:\nVERDICT: {WORDS[row['abstained']]}"

        value = self.judged(monkeypatch, row, quoting).value
        assert value is row["abstained"] or value is None

    def test_a_judge_that_quotes_behind_its_verdict(
        self, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]
    ) -> None:
        def quoting(prompt: str) -> str:
            text = re.sub(r"^\| ?", "", apart(prompt)[1], flags=re.MULTILINE)
            return f"VERDICT: {WORDS[row['abstained']]}\n\nFor it says:\n{text}"

        def as_shown(prompt: str) -> str:
            return f"VERDICT: {WORDS[row['abstained']]}\n\nFor it says:\n{apart(prompt)[1]}"

        value = self.judged(monkeypatch, row, quoting).value
        assert value is row["abstained"] or value is None
        assert self.judged(monkeypatch, row, as_shown).value is row["abstained"]

    def test_a_judge_that_only_repeats_decides_nothing(
        self, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]
    ) -> None:
        assert self.judged(monkeypatch, row, lambda prompt: prompt).value is None

    def test_no_turn_of_a_tokenizer_is_forged(self, row: dict[str, Any]) -> None:
        tokenizer = tiny_tokenizer()
        tokenizer.add_special_tokens(
            {
                "extra_special_tokens": [
                    "<|im_start|>",
                    "<|im_end|>",
                    "<|eot_id|>",
                    "</s>",
                    "[INST]",
                ]
            },
            replace_extra_special_tokens=False,
        )
        prompt = abstention_prompt(case_of(row))
        ids = Renderer(tokenizer).ids([Message(role="user", content=prompt)])
        plain = Renderer(tokenizer).ids([Message(role="user", content="x")])
        special = set(tokenizer.all_special_ids)
        assert [i for i in ids if i in special] == [i for i in plain if i in special]


def test_the_injections_have_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that obeys whatever it reads is steered by most of them."""

    def naive(messages: Messages) -> str:
        return f"VERDICT: {[*orders(messages[-1]['content']), 'hm'][0]}"

    seat(monkeypatch, naive)
    judged = list(Judge(SPEC).detect([case_of(row) for row in INJECTIONS]))
    steered = sum(
        one.value is (not row["abstained"]) for one, row in zip(judged, INJECTIONS, strict=True)
    )
    assert steered >= 36
