"""Rows and templates."""

from __future__ import annotations

import pytest

from iabench.errors import TaskError
from iabench.tasks.rows import Template, probe_of, row_faults

ROW = {
    "id": "a",
    "question": "Who wrote {it}?",
    "expect": "answer",
    "references": ["Jane Austen"],
    "cluster": "Emma",
    "context": "A book.",
    "tags": {"relation": "author", "first-line": "Emma Woodhouse, ..."},
}


def says(row, **options):
    return " ".join(text for text, _ in row_faults(row, **options))


def test_a_good_row_has_no_fault():
    assert row_faults(ROW) == []
    assert probe_of(ROW, task="t", origin="t@1").question == "Who wrote {it}?"


def test_everything_is_said_at_once():
    row = {**ROW, "questoin": "?", "expect": "abstain", "tags": {}, "cluster": " ", "question": ""}
    said = says(row, expects="answer")
    for part in (
        'unknown key "questoin"',
        "references are given exactly",
        'expects "abstain", the task "answer"',
        'no "relation"',
        '"cluster" is empty',
        '"question" is missing',
    ):
        assert part in said
    assert ("add question = ...") in dict(row_faults(row)).values()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"references": [" "]}, "a reference is empty"),
        ({"references": "Jane"}, '"references"'),
        ({"question": 3}, '"question": Input should be a valid string'),
        ({"tags": "author"}, '"tags"'),
    ],
)
def test_wrong_values_are_named(change, part):
    assert part in says({**ROW, **change})


def test_a_template_names_fields_of_the_row():
    template = Template("Passage: {context}\n{question} {{{first-line}}}")
    assert template.fields == ("context", "question", "first-line")
    assert row_faults(ROW, template=template) == []
    probe = probe_of(ROW, task="t", origin="t@1", template=template)
    assert probe.question == "Passage: A book.\nWho wrote {it}? {Emma Woodhouse, ...}"
    assert probe.context is None
    assert probe_of(ROW, task="t", origin="t@1", template=Template("{cluster}?")).context


def test_a_template_that_names_what_the_row_has_not_is_a_fault():
    assert 'the template names "title"; the row has none' in says(ROW, template=Template("{title}"))
    assert "which is no text" in says(ROW, template=Template("{references}"))
    without = {key: value for key, value in ROW.items() if key != "question"}
    assert row_faults(without, template=Template("Of {cluster}?")) == []
    assert "missing" in says(without)


@pytest.mark.parametrize("text", ["{", "}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{}", "{0}"])
def test_a_template_is_plain(text):
    with pytest.raises(TaskError, match='"template"'):
        Template(text)
