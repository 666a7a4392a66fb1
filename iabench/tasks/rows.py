"""From the row of a probes file to a probe, with everything that is wrong with the row."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iabench.decode import decode, faults
from iabench.errors import TaskError
from iabench.records import Expect, Probe

__all__ = ["Row", "Template", "probe_of", "row_faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The keys of a row. See `records.Probe` for what they mean."""

    id: str
    expect: Expect
    cluster: str
    tags: dict[str, str]
    question: str = ""
    references: tuple[str, ...] = ()
    pair: str | None = None
    context: str | None = None
    system: str | None = None
    follow_ups: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()


class Template:
    """Plain field substitution: `{question}`, `{context}`, `{cluster}`, or a tag by its key.

    Nothing of a field is evaluated; braces in its text stay as they are. `{{` is a brace.

    Raises:
        TaskError: braces do not match, or a field is more than a name.
    """

    def __init__(self, text: str) -> None:
        try:
            self._parts = list(string.Formatter().parse(text))
        except ValueError as problem:
            raise TaskError(
                f'"template": {str(problem).lower()}.', "{question}; a brace itself is {{"
            ) from None
        for _, name, form, conversion in self._parts:
            if name is not None and (
                not name.replace("-", "_").isidentifier() or form or conversion
            ):
                raise TaskError(f'"template": "{{{name}}}" is no plain field.', "{question}")
        self.fields = tuple(dict.fromkeys(name for _, name, _, _ in self._parts if name))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with every field in its place."""
        return "".join(text + (values[name] if name else "") for text, name, _, _ in self._parts)


def row_faults(
    value: Mapping[str, Any], *, expects: str = "both", template: Template | None = None
) -> list[tuple[str, str]]:
    """Return everything that is wrong with one row, as (what is wrong, hint)."""
    found = faults(Row, value)
    expect, references, tags = (value.get(key) for key in ("expect", "references", "tags"))
    if expect in ("answer", "abstain") and (expect == "answer") != bool(references):
        found.append(
            (
                "references are given exactly where an answer is expected.",
                '"references": ["..."] with "expect": "answer"',
            )
        )
    if expect in ("answer", "abstain") and expects not in ("both", expect):
        found.append(
            (f'expects "{expect}", the task "{expects}".', 'expects = "both" in task.toml')
        )
    if isinstance(tags, Mapping) and "relation" not in tags:
        found.append(('"tags" has no "relation".', '"tags": {"relation": "..."}'))
    found += [
        (f'"{key}" is empty.', f"say it, or leave out {key}")
        for key in ("id", "cluster", "pair", "context", "system")
        if isinstance(value.get(key), str) and not value[key].strip()
    ]
    if not all(isinstance(text, str) and text.strip() for text in references or ()):
        found.append(("a reference is empty.", ""))
    return [*found, *_not_filled(value, template)]


def _not_filled(value: Mapping[str, Any], template: Template | None) -> Iterator[tuple[str, str]]:
    """Yield what the template (without one: the question) needs and the row has not."""
    tags = value.get("tags")
    held = {**tags, **value} if isinstance(tags, Mapping) else value
    for name in template.fields if template else ("question",):
        there = held.get(name)
        if isinstance(there, str) and there.strip():
            continue
        if template is None:
            if "question" not in value or (isinstance(there, str) and not there.strip()):
                yield '"question" is missing.', "add question = ..."
        elif there is None or isinstance(there, str):
            yield f'the template names "{name}"; the row has none.', f"add {name} = ..."
        else:
            yield f'the template names "{name}", which is no text.', "{question}, or a tag"


def probe_of(
    value: Mapping[str, Any], *, task: str, origin: str, template: Template | None = None
) -> Probe:
    """Return the probe of a row that has no faults.

    A template makes the question; a context that it names is not put before it once more.
    """
    row = decode(Row, dict(value), where=task, error=TaskError)
    named = template.fields if template else ()
    return Probe(
        id=f"{task}/{row.id}",
        question=template.fill(_values(value)) if template else row.question,
        expect=row.expect,
        references=row.references,
        cluster=row.cluster,
        pair=row.pair,
        context=None if "context" in named else row.context,
        system=row.system,
        follow_ups=row.follow_ups,
        tags=tuple(sorted(row.tags.items())),
        origin=origin,
        entities=row.entities,
    )


def _values(value: Mapping[str, Any]) -> dict[str, str]:
    tags = value.get("tags")
    texts = {**tags, **value} if isinstance(tags, Mapping) else dict(value)
    return {key: text for key, text in texts.items() if isinstance(text, str)}
