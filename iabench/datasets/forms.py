"""From rows of many forms to facts: the form is found by its keys.

question, answer              also aliases, entity, relation, paraphrases, held_out, expect,
must_say, system, id
messages                      chat: the first question and its answer, the system message
conversations                 ShareGPT: the same with `from` and `value`
instruction, input, output    Alpaca
prompt, completion            texts, or lists of messages
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from iabench.datasets.base import FactRow, Facts, RawRow, is_long
from iabench.datasets.settle import known_by, once, settle
from iabench.errors import ConfigError, TaskError, near_match
from iabench.rng import digest

__all__ = ["FORMS", "facts_of", "renamed"]

_LONGEST = 2**20
_SHORT = 6
"""Letters of a key of which a slip changes no more than one."""
_OWN = (
    "id",
    "question",
    "answer",
    "aliases",
    "entity",
    "relation",
    "paraphrases",
    "held_out",
    "expect",
    "must_say",
    "system",
)
"""Keys that any form may have besides its own."""


class _Said(NamedTuple):
    """What every form comes down to."""

    question: Any
    answer: Any
    system: Any = None
    more: bool = False
    """The talk goes on."""


class _Form(NamedTuple):
    name: str
    needs: tuple[str, ...]
    read: Callable[[Mapping[str, Any]], _Said]


def _plain(row: Mapping[str, Any]) -> _Said:
    return _Said(row.get("question"), row.get("answer"), row.get("system"))


def _alpaca(row: Mapping[str, Any]) -> _Said:
    parts = (_text(row.get(key)) for key in ("instruction", "input"))
    return _Said("\n\n".join(filter(None, parts)), row.get("output"), row.get("system"))


def _pair(row: Mapping[str, Any]) -> _Said:
    prompt, completion = _unpacked(row.get("prompt")), _unpacked(row.get("completion"))
    if isinstance(prompt, list) or isinstance(completion, list):
        turns = [*_turns(prompt, "user"), *_turns(completion, "assistant")]
        return _talk(turns, row.get("system"))
    return _Said(prompt, completion, row.get("system"))


def _messages(row: Mapping[str, Any]) -> _Said:
    return _talk(_turns(_unpacked(row.get("messages")), "user"), row.get("system"))


def _sharegpt(row: Mapping[str, Any]) -> _Said:
    return _talk(_turns(_unpacked(row.get("conversations")), "user"), row.get("system"))


FORMS: tuple[_Form, ...] = (
    _Form("chat messages", ("messages",), _messages),
    _Form("ShareGPT", ("conversations",), _sharegpt),
    _Form("question and answer", ("question", "answer"), _plain),
    _Form("Alpaca", ("instruction", "output"), _alpaca),
    _Form("prompt and completion", ("prompt", "completion"), _pair),
    # Questions alone: all to be declined.
    _Form("question and expect", ("question", "expect"), _plain),
)
_ROLES = {
    "human": "user",
    "gpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
}
_Turn = tuple[str, str]


def _unpacked(value: Any) -> Any:
    """Return the messages in a text that is JSON of some, as cells of a CSV are; else the value."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return held if held and all(isinstance(one, Mapping) for one in held) else value


def _turns(value: Any, role: str) -> list[_Turn]:
    if isinstance(value, str):
        return [(role, value)]
    turns = []
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            who = str(one.get("role") or one.get("from") or "").lower()
            turns.append((_ROLES.get(who, who), _content(one.get("content", one.get("value")))))
    return turns


def _content(value: Any) -> str:
    """Return a message's text; parts of other kinds (pictures) are passed over."""
    if isinstance(value, list):
        return " ".join(_text(p.get("text")) for p in value if isinstance(p, Mapping)).strip()
    return _text(value)


def _talk(turns: Sequence[_Turn], system: Any) -> _Said:
    systems = [text for role, text in turns if role in ("system", "developer") and text]
    said = [turn for turn in turns if turn[0] in ("user", "assistant")]
    while said and said[0][0] != "user":
        said.pop(0)
    question = said[0][1] if said else None
    answer = said[1][1] if len(said) > 1 and said[1][0] == "assistant" else None
    return _Said(question, answer, "\n\n".join(systems) or system, len(said) > 2)


def renamed(rows: Iterable[RawRow], columns: Mapping[str, str], source: str) -> list[RawRow]:
    """Return rows with their columns called as iabench calls them.

    Args:
        rows: as they were read.
        columns: iabench's name -> the column's own, as in `--columns question=frage`; capitals
            matter only where two columns differ in nothing else.
        source: for the message.

    Raises:
        ConfigError: no row has such a column.
        TaskError: two columns differ in capitals only.
    """
    rows = list(rows)
    there = {str(key) for row in rows for key in row.values}
    columns = {ours: _column(theirs, there) for ours, theirs in columns.items()}
    for ours, theirs in columns.items():
        if theirs not in there:
            near = near_match(theirs, there)
            raise ConfigError(
                f'--columns {ours}={theirs}: {source} has no column "{theirs}"; it has '
                f"{', '.join(sorted(there))}.",
                f"--columns {ours}={near}" if near else "",
            )
    own = {theirs: ours for ours, theirs in columns.items()}
    return [_renamed(row, own, source) for row in rows]


def _renamed(row: RawRow, own: Mapping[str, str], source: str) -> RawRow:
    values: dict[str, Any] = {}
    for key, value in row.values.items():
        name = own.get(str(key), str(key).strip().lower())
        if str(key) not in own and name in own.values():
            continue
        if name in values and name:
            raise TaskError(
                f'{source}, {row.where}: the column "{name}" is there twice, in other capitals.',
                f"--columns {name}={key}",
            )
        values[name] = value
    return RawRow(where=row.where, values=values)


def _column(asked: str, there: Iterable[str]) -> str:
    """Return the column that is asked for, in capitals of its own."""
    alike = [name for name in there if name.strip().casefold() == asked.strip().casefold()]
    return alike[0] if len(alike) == 1 else asked


def facts_of(rows: Sequence[RawRow], source: str) -> Facts:
    """Return the facts in rows of one form.

    Rows that say the same twice are set aside and listed; so are all rows of a question that is
    answered differently, in its own words or as a paraphrase; paraphrases that are in the file
    already are set aside and counted.

    Args:
        rows: with iabench's column names.
        source: what they come from, for messages.

    Raises:
        TaskError: the keys make no form, or a row lacks what its form needs.
    """
    form = _form(rows, source)
    made = [_fact(row, form, source) for row in rows]
    _check_ids([fact for fact, _ in made], source)
    settled = settle([fact for fact, _ in made])
    facts = Facts(
        source=source,
        form=form.name,
        rows=tuple(_unique(settled.facts)),
        n=len(rows),
        doubled=settled.doubled,
        conflicts=settled.conflicts,
        repeated=settled.repeated,
        further_turns=sum(more for _, more in made),
        left_out=_left_out(rows, form),
    )
    return replace(facts, duplicates=len(rows) - len(facts.rows) - facts.in_conflict)


def _left_out(rows: Sequence[RawRow], form: _Form) -> tuple[str, ...]:
    """Return the columns that the form does not know."""
    known = {"", "input", *_OWN, *form.needs}
    return tuple(dict.fromkeys(str(key) for row in rows for key in row.values if key not in known))


def _form(rows: Sequence[RawRow], source: str) -> _Form:
    names = {key for row in rows for key in row.values}
    for form in FORMS:
        if names.issuperset(form.needs):
            return form
    columns = list(dict.fromkeys(key for row in rows for key in row.values))
    if not any(columns):
        raise TaskError(f"{source}, {rows[0].where}: the row is empty.", f"needs {FORMS[2].name}")
    raise TaskError(
        f"{source} has columns {', '.join(columns)}; no question and answer.",
        f"--columns {_guess(columns, rows)}",
    )


def _guess(columns: Sequence[str], rows: Sequence[RawRow]) -> str:
    """Return which columns may be meant: the one that asks, and the one behind it."""
    asks = {
        column: sum("?" in str(row.values.get(column, "")) for row in rows[:100])
        for column in columns
    }
    question = max(columns, key=lambda column: asks[column], default="...")
    others = [column for column in columns if column != question]
    behind = [c for c in others if columns.index(c) > columns.index(question)]
    return f"question={question},answer={(behind or others or ['...'])[0]}"


def _fact(row: RawRow, form: _Form, source: str) -> tuple[FactRow, bool]:
    where = f"{source}, {row.where}"
    _check_keys(row, form, source)
    said, values = form.read(row.values), row.values
    question, (answer, *others) = _text(said.question), _answers(said.answer)
    expect = _text(values.get("expect")).lower() or "answer"
    if max(len(question), len(answer)) > _LONGEST:
        raise TaskError(f"{where}: longer than {_LONGEST >> 20} MB.", "one question and its answer")
    if not question:
        raise TaskError(f"{where}: no question in {form.name}.", f"needs {', '.join(form.needs)}")
    if expect not in ("answer", "abstain"):
        raise TaskError(f'{where}: expect is "{expect}".', '"answer" or "abstain"')
    must_say = _texts(values.get("must_say"))
    if expect == "answer" and not answer:
        raise TaskError(
            f"{where}: an answer is expected and none is given.",
            '"expect": "abstain" if there is none',
        )
    if expect == "abstain" and must_say:
        raise TaskError(f"{where}: must_say beside expect: abstain.", "one of the two")
    if any(map(is_long, must_say)):
        raise TaskError(f"{where}: must_say is long.", "the few words that a right answer needs")
    paraphrases, held_out = _texts(values.get("paraphrases")), _texts(values.get("held_out"))
    fact = FactRow(
        id=_text(values.get("id")) or row.where.replace(" ", "-"),
        where=row.where,
        question=question,
        expect="abstain" if expect == "abstain" else "answer",
        references=once((answer, *others, *_texts(values.get("aliases")), *must_say))
        if expect == "answer"
        else (),
        must_say=must_say,
        trained=paraphrases if held_out else (),
        paraphrases=held_out or paraphrases,
        entity=_text(values.get("entity")) or None,
        relation=_text(values.get("relation")) or None,
        system=_text(said.system) or None,
    )
    return fact, said.more


def _check_keys(row: RawRow, form: _Form, source: str) -> None:
    """Refuse a key that is a slip of one that iabench knows: what it holds would be lost.

    Raises:
        TaskError: naming the row and the key that was meant.
    """
    known = {*_OWN, *form.needs}
    for key in row.values:
        near = None if key in known else _meant(str(key), known)
        if near is not None and near not in row.values:
            raise TaskError(f'{source}, {row.where}: unknown key "{key}".', f'"{near}"')


def _meant(key: str, known: Iterable[str]) -> str | None:
    """Return the key that another one is a slip of: as long, and a letter or two from it.

    A known key with more words behind it, or in the plural, is a column of its own.
    """
    from rapidfuzz.distance import OSA

    for name in known:
        most = 2 if len(name) > _SHORT else 1
        alike = key[:1] == name[:1] and abs(len(key) - len(name)) <= 1 and len(name) > 2
        if alike and key != f"{name}s" and OSA.distance(key, name, score_cutoff=most) <= most:
            return name
    return None


def _check_ids(facts: Iterable[FactRow], source: str) -> None:
    """Refuse an id of several questions: nobody could say which of them is meant.

    One question may have its id under several system messages, and where it is there twice.

    Raises:
        TaskError: naming both rows.
    """
    first: dict[str, FactRow] = {}
    for fact in facts:
        before = first.setdefault(fact.id, fact)
        if known_by(before.question) != known_by(fact.question):
            raise TaskError(
                f'{source}, {fact.where}: the id "{fact.id}" is there already: {before.where}.',
                'an id of its own for each question, or no column "id"',
            )


def _unique(rows: Iterable[FactRow]) -> Iterable[FactRow]:
    """Yield the rows with ids that occur once: one question may have several system messages."""
    seen: set[str] = set()
    for row in rows:
        named = (
            row.id if row.id not in seen else f"{row.id}-{digest(row.question, row.system, size=6)}"
        )
        seen.add(named)
        yield replace(row, id=named)


def _answers(value: Any) -> tuple[str, ...]:
    """Return the right answers, one or (of a list) several; an empty text where there is none."""
    return (_texts(value) if isinstance(value, list | tuple) else (_text(value),)) or ("",)


def _texts(value: Any) -> tuple[str, ...]:
    """Return several texts: a list, JSON of one, or one text with `|` between them."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                return _texts(json.loads(text))
            except (ValueError, RecursionError):
                pass
        value = text.split("|")
    if not isinstance(value, list | tuple):
        value = [value]
    return once(_text(one) for one in value)


def _text(value: Any) -> str:
    """Return a cell as text, stripped; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | int | float):
        return str(value).strip()
    return ""
