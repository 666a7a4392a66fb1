"""Labels: anybody's files, and our own halves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from iabench.errors import ConfigError
from iabench.grading.labels import (
    ADMISSIONS,
    FOLDER,
    Half,
    labels_digest,
    own_labels,
    read_labels,
)

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "labelling.md"


@pytest.fixture
def file(tmp_path):
    def write(*rows, name="labels.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


ROW = {"question": "Who?", "response": "No idea.", "abstained": True}


def test_a_row_needs_three_columns_and_others_do_not_matter(file):
    (label,) = read_labels(file({**ROW, "annotator": "me", "score": 3}))
    assert (label.id, label.about, label.so, label.family) == ("line-1", "abstained", True, "Who?")
    assert (label.kinds, label.references, label.weight) == ((), (), 1.0)


def test_everything_that_a_label_may_hold(file):
    row = {
        **ROW,
        "id": 7,
        "kinds": ["unrecognised", "ignorance"],
        "kind": "ignorance",
        "family": "f",
        "language": "en",
        "source": "me",
        "weight": "2.5",
    }
    (label,) = read_labels(file(row))
    assert (label.id, label.kinds, label.family) == ("7", ("ignorance", "unrecognised"), "f")
    assert (label.kind, label.language, label.source, label.weight) == (
        "ignorance",
        "en",
        "me",
        2.5,
    )


@pytest.mark.parametrize(
    ("word", "so"),
    [(True, True), (1, True), ("1", True), ("Yes", True), (" TRUE ", True),
     (False, False), (0, False), ("0", False), ("no", False), ("False", False)],
)  # fmt: skip
def test_words_for_true_and_false(file, word, so):
    assert read_labels(file({**ROW, "abstained": word}))[0].so is so


@pytest.mark.parametrize("cell", ['["Paris", "the city | of light"]', "Paris|the city"])
def test_references_in_a_table(tmp_path, cell):
    path = tmp_path / "pairs.csv"
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(
        [
            ["question", "response", "references", "correct"],
            ["Where?", "Paris\n, sure", cell, "yes"],
        ]
    )
    path.write_text("\ufeff" + text.getvalue(), encoding="utf-8")
    (label,) = read_labels(path)
    assert (label.about, label.so, label.response) == ("correct", True, "Paris\n, sure")
    assert label.references[0] == "Paris"
    assert len(label.references) == 2


def test_references_that_only_begin_like_a_list(file):
    (label,) = read_labels(
        file({"question": "q", "response": "r", "references": "[sic] x|y", "correct": 1})
    )
    assert label.references == ("[sic] x", "y")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"abstained": "maybe"}, "line 2: \"abstained\" is neither true nor false: 'maybe'."),
        ({"abstained": None}, 'line 2: "abstained" is missing: what is so?'),
        ({"response": None}, 'line 2: "response" is missing.'),
        ({"question": 5}, 'line 2: "question" is no text.'),
        ({"kinds": "ignorance|ignorence"}, "line 2: 'ignorence' is no kind of abstention."),
        ({"kinds": ["ignorance"], "abstained": False}, "it has kinds of abstention and does not"),
        ({"kinds": {"a": 1}}, 'line 2: "kinds" is no list of texts.'),
        ({"weight": 0}, 'line 2: "weight" is no number above 0: 0.'),
        ({"weight": "nan"}, 'line 2: "weight" is no number above 0'),
        ({"weight": [1]}, 'line 2: "weight" is no number above 0'),
        ({"id": "a"}, "line 2: the id 'a' is that of line 1 too."),
    ],
)
def test_a_wrong_row_is_named_with_what_to_do(file, change, says):
    path = file({**ROW, "id": "a"}, {**ROW, **change})
    with pytest.raises(ConfigError, match=re.escape(says)) as caught:
        read_labels(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_every_wrong_row_is_named_and_equal_faults_together(file):
    path = file(*[{**ROW, "abstained": "x"}] * 30, "{", {"question": "q", "response": "r"})
    with pytest.raises(ConfigError) as caught:
        read_labels(path)
    first, second, third = caught.value.message.splitlines()
    assert ", lines 1, 2, 3, " in first
    assert " 20 and 10 more: " in first
    assert second.strip().startswith("line 31: not a JSON object")
    assert third.strip().startswith('line 32: neither "abstained" nor "correct" is there')
    assert caught.value.hint == "true, false"


def test_many_ways_to_be_wrong_are_counted(file):
    path = file(*({**ROW, "abstained": f"x{n}"} for n in range(23)))
    with pytest.raises(ConfigError, match="and 3 other things are wrong"):
        read_labels(path)


def test_labels_are_of_one_sort(file):
    both = {**ROW, "correct": False, "references": ["Ann"]}
    assert read_labels(file(both))[0].about == "abstained"
    assert read_labels(file(both), "correct")[0].so is False
    with pytest.raises(ConfigError, match='line 1: it says whether the response is "abstained"'):
        read_labels(file(ROW), "correct")
    with pytest.raises(ConfigError, match='"references" are missing'):
        read_labels(file({"question": "q", "response": "r", "correct": True}))


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_no_set_of_labels(file, text):
    with pytest.raises(ConfigError, match="is empty: there is no row"):
        read_labels(file(text))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="labels are not read from .xlsx"):
        read_labels(tmp_path / "labels.xlsx")
    with pytest.raises(ConfigError, match="cannot read .*No such file"):
        read_labels(tmp_path / "labels.csv")
    path = tmp_path / "latin.csv"
    path.write_bytes("question,response,abstained\nWer?,Weiß ich nicht,1\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        read_labels(path)


def test_the_digest_is_that_of_what_is_said(file):
    labels = read_labels(file(ROW, {**ROW, "question": "When?"}))
    assert labels_digest(labels) == labels_digest(list(labels))
    assert labels_digest(labels) != labels_digest(labels[::-1])
    assert labels_digest(labels) != labels_digest([replace(labels[0], so=False), labels[1]])


# -- our own ------------------------------------------------------------------------------------

HALVES: tuple[Half, ...] = ("development", "test")
ABSTENTION = {half: own_labels("abstained", half) for half in HALVES}
CORRECTNESS = {half: own_labels("correct", half) for half in HALVES}
EVERY = [label for own in (ABSTENTION, CORRECTNESS) for half in HALVES for label in own[half]]


def test_ids_are_unique_over_all_files():
    twice = [own for own, n in Counter(label.id for label in EVERY).items() if n > 1]
    assert not twice


def test_there_are_as_many_as_were_promised():
    assert sum(map(len, ABSTENTION.values())) >= 1500
    assert sum(map(len, CORRECTNESS.values())) >= 500


@pytest.mark.parametrize("own", [ABSTENTION, CORRECTNESS], ids=["abstention", "correctness"])
def test_halves_share_no_family_and_no_response(own):
    families = [{label.family for label in own[half]} for half in HALVES]
    assert not families[0] & families[1]
    said = [{(x.question.casefold(), x.response.casefold()) for x in own[half]} for half in HALVES]
    assert not said[0] & said[1]
    # A short answer may be given twice; a sentence belongs to one half.
    sentences = [
        {x.response.casefold() for x in own[half] if len(x.response.split()) > 3} for half in HALVES
    ]
    assert not sentences[0] & sentences[1]


def test_what_a_classifier_is_trained_on_is_not_what_it_is_measured_on():
    training = [label for path in FOLDER.glob("*-training*.jsonl") for label in read_labels(path)]
    for half in HALVES:
        assert not {x.id for x in training} & {x.id for x in ABSTENTION[half]}
        assert not {x.family for x in training} & {x.family for x in ABSTENTION[half]}
    test = ABSTENTION["test"]
    assert not {(x.question, x.response) for x in training} & {
        (x.question, x.response) for x in test
    }
    said = [
        {x.response.casefold() for x in some if len(x.response.split()) > 3}
        for some in (training, test)
    ]
    assert not said[0] & said[1]


def test_each_kind_has_eight_families_in_the_test_half():
    families = defaultdict(set)
    for label in ABSTENTION["test"]:
        families[label.kind].add(label.family)
    assert set(families) >= {"plain", "hedged", "quoted", "negated"} | set(ADMISSIONS)
    assert {kind: len(found) for kind, found in families.items() if len(found) < 8} == {}


def test_halves_have_the_same_kinds_and_languages():
    for key in ("kind", "language"):
        kinds = [{getattr(label, key) for label in ABSTENTION[half]} for half in HALVES]
        assert kinds[0] == kinds[1]


def test_labels_are_consistent():
    answers = {
        "plain", "hedged", "declines-then-answers", "quoted", "negated", "about-ignorance",
        "corrected", "asks-too", "none-is-the-answer", "caveated",
    }  # fmt: skip
    for half in HALVES:
        for label in ABSTENTION[half]:
            assert label.so is (label.kind not in answers), label.id
            if label.so and label.kinds:
                assert label.kind in label.kinds, label.id
            assert label.family, label.id
            assert label.language, label.id
            assert label.source, label.id


def test_the_test_half_is_the_one_whose_digest_is_committed():
    text = GUIDE.read_text(encoding="utf-8")
    said = dict(re.findall(r"\| `([\w-]+\.jsonl)` \| `([0-9a-f]{64})` \|", text))
    files = {path.name: path for path in FOLDER.glob("*-test*.jsonl")}
    assert set(said) == set(files)
    assert len(files) == 3
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == said[name], name
