"""The rows of a published dataset, read from a folder by what its `task.toml` says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iabench.datasets.base import RawRow
from iabench.datasets.cells import cell, good_answers, texts, unquoted
from iabench.datasets.files import read_rows
from iabench.datasets.published import Dataset, Split, folder_of, how_to_get, published, split_of
from iabench.errors import TaskError

__all__ = ["Part", "PublishedRow", "fact_rows", "read_part", "sentences"]

_NONE = "none given"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRow:
    """One question as it was published."""

    where: str
    """`file, line 12`."""
    id: str
    question: str
    answers: tuple[str, ...]
    """Right answers, the canonical one first; empty where none was published."""
    cluster: str
    tags: tuple[tuple[str, str], ...]
    context: str | None = None
    paraphrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one split, and what they were read from."""

    split: Split
    rows: tuple[PublishedRow, ...]
    files: tuple[str, ...]
    """`name, sha256 ab12cd34ef56 (pinned)` of each."""
    empty: int
    """Rows left out: no question, or no answer where one is expected."""
    contradicted: int
    """Rows left out: another split of the same files expects the contrary of the same question."""
    aliases: int
    """Aliases left out: see `iabench.datasets.cells.good_answers`."""

    @property
    def n(self) -> int:
        """Rows of the split in the files."""
        return len(self.rows) + self.empty + self.contradicted


def read_part(name: str, dataset: Dataset, split: str, data_dir: str | None) -> Part:
    """Return the rows of one split.

    Args:
        name: of the dataset.
        dataset: how it is read.
        split: one of its splits.
        data_dir: where its files are; None for what was fetched.

    Raises:
        IabenchError: no such split, no copy of it, a file that is not the pinned one, or a file
            without the columns.
    """
    wanted = split_of(name, dataset, split)
    if wanted.sentences:
        raise TaskError(
            f"{name}:{split} holds sentences that decline, and no questions.",
            ", ".join(f"{name}:{other}" for other in dataset.asks),
        )
    folder = folder_of(name, data_dir)
    paths = _found(name, dataset, folder, wanted.files, data_dir)
    marks = [_checked(name, dataset, path) for path in paths]
    raw = [row for path in paths for row in _unfolded(path, dataset)]
    other_words = _paraphrases(name, dataset, folder, wanted)
    elsewhere = _asked_elsewhere(name, dataset, wanted, raw)
    rows: list[PublishedRow] = []
    empty = contradicted = aliases = 0
    for at, one in _taken(name, dataset, wanted, raw):
        row, lost = _row(dataset, wanted, one, at)
        if row.question in elsewhere:
            contradicted += 1
        elif row.question and (row.answers or wanted.expect == "abstain" or not wanted.referenced):
            rows.append(_reworded(row, other_words))
            aliases += lost
        else:
            empty += 1
    if not rows:
        raise _nothing(name, split, paths, dataset, raw)
    return Part(
        split=wanted,
        rows=tuple(rows),
        files=tuple(marks),
        empty=empty,
        contradicted=contradicted,
        aliases=aliases,
    )


def fact_rows(name: str, split: str, data_dir: str | None) -> list[RawRow]:
    """Return the rows of a split as facts to be tuned on.

    Raises:
        IabenchError: as `read_part`, or the split has no answers to teach.
    """
    dataset = published()[name]
    teaching = [key for key, one in dataset.split.items() if one.teaches]
    split = split or next(iter(teaching or dataset.asks))
    wanted = split_of(name, dataset, split)
    if not (wanted.teaches or (wanted.expect == "answer" and wanted.referenced)):
        able = teaching or [k for k, one in dataset.split.items() if one.expect == "answer"]
        raise TaskError(
            f"{name}:{split} holds no facts: its questions are to be declined or have no answer.",
            f"--facts {name}:{able[0]}" if able else f"--tasks {name}",
        )
    found = []
    for row in read_part(name, dataset, split, data_dir).rows:
        answer, *more = row.answers or ("",)
        values: dict[str, Any] = {"id": row.id, "question": row.question, "answer": answer}
        values |= {"aliases": more, "relation": dict(row.tags)["relation"]}
        if row.paraphrases:
            values["held_out"] = list(row.paraphrases)
        found.append(RawRow(where=row.where.rpartition(", ")[2], values=values))
    return found


def sentences(name: str, split: str, data_dir: str | None) -> tuple[str, ...]:
    """Return the lines of a split that is a plain text, each once.

    Raises:
        IabenchError: no such split, no copy of it, or it is no plain text.
    """
    dataset = published()[name]
    wanted = split_of(name, dataset, split)
    if not wanted.sentences:
        raise TaskError(f"{name}:{split} holds questions, no sentences.")
    found: list[str] = []
    for path in _found(name, dataset, folder_of(name, data_dir), wanted.files, data_dir):
        _checked(name, dataset, path)
        found += path.read_text(encoding="utf-8-sig").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in found if line.strip()))


def _found(
    name: str, dataset: Dataset, folder: Path, wanted: Sequence[str], data_dir: str | None
) -> list[Path]:
    """Return the files that the first pattern finds which finds any.

    Raises:
        TaskError: there are none; the command or the page that has them is named.
    """
    for pattern in wanted:
        there = sorted(path for path in folder.glob(pattern) if path.is_file())
        if there:
            return there
    lacks = "there is no copy of it on this machine"
    if data_dir is not None:
        lacks = f"{folder} holds none of {', '.join(wanted)}"
    raise TaskError(f"{name}: {lacks}.", how_to_get(name, dataset, [wanted]))


def _checked(name: str, dataset: Dataset, path: Path) -> str:
    """Return what a file is, after its checksum was held against the pinned one.

    Raises:
        TaskError: it is called as the pinned file and is not it.
    """
    with path.open("rb") as file:
        there = hashlib.file_digest(file, "sha256").hexdigest()
    pinned = next((one.sha256 for one in dataset.file if one.name == path.name), None)
    if pinned is not None and pinned != there:
        raise TaskError(
            f"{name}: {path} is not the pinned file (sha256 {there[:12]}, wanted {pinned[:12]}).",
            f"iabench tasks fetch {name}   (a file of your own: a task.toml that names it)",
        )
    return f"{path.name}, sha256 {there[:12]}{' (pinned)' if pinned else ' (not pinned)'}"


def _unfolded(path: Path, dataset: Dataset) -> Iterator[RawRow]:
    """Yield the rows of a file, out of whatever they are folded into."""
    rows = read_rows(path)
    if len(rows) == 1 and dataset.under and isinstance(rows[0].values.get(dataset.under), list):
        held = rows[0].values[dataset.under]
        rows = [RawRow(where=f"row {n}", values=row) for n, row in enumerate(held, start=1)]
    elif len(rows) == 1 and all(isinstance(one, Mapping) for one in rows[0].values.values()):
        rows = [
            RawRow(where=f"row {n}", values={"_key": key, **row})
            for n, (key, row) in enumerate(rows[0].values.items(), start=1)
        ]
    if dataset.squad and rows and "paragraphs" in rows[0].values:
        rows = list(_squad(rows))
    stem = path.name.partition(".")[0]
    for row in rows:
        if not isinstance(row.values, Mapping):
            raise TaskError(f"{path}, {row.where}: not a JSON object.")
        yield RawRow(where=f"{path.name}, {row.where}", values={"_file": stem, **row.values})


def _squad(articles: Iterable[RawRow]) -> Iterator[RawRow]:
    """Yield the questions in articles of paragraphs, each with its passage."""
    for article in articles:
        for paragraph in article.values["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = {"text": [one["text"] for one in asked.get("answers") or ()]}
                yield RawRow(
                    where=article.where,
                    values={
                        "id": asked["id"],
                        "title": article.values.get("title"),
                        "context": paragraph["context"],
                        "question": asked["question"],
                        "answers": answers,
                    },
                )


def _taken(
    name: str, dataset: Dataset, split: Split, raw: Sequence[RawRow]
) -> Iterator[tuple[int, RawRow]]:
    """Yield the rows of a split, each with its place in the whole.

    Raises:
        TaskError: rows of one entity would be cut apart.
    """
    first = 0
    if split.rows is not None:
        first, end = split.rows
        if len(raw) != end - first:
            if len(raw) < end:
                raise TaskError(
                    f"{name}: rows {first:,} to {end:,} are asked, and the file has {len(raw):,}: "
                    "the order of the whole is needed, or the part alone.",
                    f"iabench tasks fetch {name}",
                )
            raw = raw[first:end]
    named = bool(raw) and cell(raw[0].values, dataset.columns.cluster) is not None
    if split.block and not named and (first % split.block or len(raw) % split.block):
        raise TaskError(
            f"{name}: {len(raw):,} rows from {first:,} on cut a block of {split.block} that is "
            "about one entity: a part of its facts would be taught, and the rest asked.",
            f"iabench tasks fetch {name}",
        )
    for at, row in enumerate(raw, start=first):
        kept = all(_has(row, column, values) for column, values in split.keep.items())
        if kept and not any(_has(row, column, values) for column, values in split.drop.items()):
            yield at, row


def _asked_elsewhere(name: str, dataset: Dataset, split: Split, raw: Sequence[RawRow]) -> set[str]:
    """Return the questions that other splits of the same files ask with the other expectation."""
    return {
        _question(dataset, row)
        for other in dataset.split.values()
        if other.files == split.files and other.expect != split.expect
        for _, row in _taken(name, dataset, other, raw)
    } - {""}


def _question(dataset: Dataset, row: RawRow) -> str:
    return unquoted(" ".join(texts(cell(row.values, dataset.columns.question))))


def _has(row: RawRow, column: str, values: Sequence[str]) -> bool:
    there = {text.casefold() for text in texts(cell(row.values, (column,)))} or {""}
    return not there.isdisjoint(value.casefold() for value in values)


def _row(dataset: Dataset, split: Split, raw: RawRow, at: int) -> tuple[PublishedRow, int]:
    """Return a row, and how many aliases of it were left out."""
    columns, values = dataset.columns, raw.values
    question = _question(dataset, raw)
    said = (*texts(cell(values, columns.answer)), *texts(cell(values, columns.aliases)))
    answers = good_answers(question, said, poor=dataset.poor_aliases)
    tags = {"relation": "fact"}
    for tag, names in columns.tags.items():
        tags[tag] = " ".join(texts(cell(values, names))) or _NONE
    for tag, bins in dataset.bins.items():
        tags[tag] = bins.name(cell(values, (bins.column,)))
    own = texts(cell(values, columns.id))
    about = texts(cell(values, columns.cluster))
    block = f"block-{at // split.block}" if split.block else ""
    local = own[0] if own else f"row-{at + 1}"
    context = "\n".join(texts(cell(values, columns.context))) or None
    row = PublishedRow(
        where=raw.where,
        id=local,
        question=question,
        answers=answers,
        cluster=about[0] if about else block or local,
        tags=tuple(sorted(tags.items())),
        context=context,
    )
    return row, len(set(said)) - len(answers)


def _paraphrases(
    name: str, dataset: Dataset, folder: Path, split: Split
) -> dict[str, tuple[str, ...]]:
    """Return other wordings by question, from the files beside the split's own."""
    if not split.beside or not dataset.columns.paraphrase:
        return {}
    there = [path for pattern in split.beside for path in sorted(folder.glob(pattern))]
    found: dict[str, tuple[str, ...]] = {}
    for path in there[:1]:
        _checked(name, dataset, path)
        for row in _unfolded(path, dataset):
            question = " ".join(texts(cell(row.values, dataset.columns.question)))
            found[question] = texts(cell(row.values, dataset.columns.paraphrase))
    return found


def _reworded(row: PublishedRow, found: Mapping[str, tuple[str, ...]]) -> PublishedRow:
    other = tuple(text for text in found.get(row.question, ()) if text != row.question)
    return replace(row, paraphrases=other)


def _nothing(
    name: str, split: str, paths: Sequence[Path], dataset: Dataset, raw: Sequence[RawRow]
) -> TaskError:
    columns = dict.fromkeys(str(key) for row in raw[:100] for key in row.values if key != "_file")
    needs = [*dataset.columns.question[:1], *dataset.columns.answer[:1]]
    return TaskError(
        f"{name}:{split}: no row of {', '.join(path.name for path in paths)} is of it; "
        f"the columns are {', '.join(columns)}.",
        f"a file with {' and '.join(needs)}, as its source publishes it",
    )
