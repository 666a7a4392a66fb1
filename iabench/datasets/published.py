"""Datasets as their authors published them: `[probes.dataset]` of a `task.toml` says how to read.

One mechanism for all of them. The table names the files, with the address, revision and checksum
that each is pinned to; the columns that hold question and answers; and the splits, each with the
rows that it keeps and what is expected of them. The files are looked for in the folder that
`--data-dir` names, or where `iabench tasks fetch` has put them; nothing is downloaded here.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from iabench.decode import decode, read_document
from iabench.errors import TaskError, UnknownNameError, near_match
from iabench.records import Expect, Kind
from iabench.worlds.folders import data_folder

__all__ = [
    "Bins",
    "Columns",
    "Dataset",
    "Remote",
    "Split",
    "copies_folder",
    "dataset_of",
    "folder_of",
    "how_to_get",
    "published",
    "split_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One file of a dataset, and where it is to be had."""

    name: str
    """What the file is called here."""
    url: str | None = None
    """Its address at a fixed revision."""
    hub: str | None = None
    """Or a dataset of the Hugging Face hub, of which this is one split (kept as Parquet)."""
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    """Commit on the hub."""
    sha256: str | None = None
    """Of the file; one of this name with another checksum is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns hold what: alternatives, the first that a row has counts.

    `outer.inner` reaches into a table, also into one in a string; `_file` is the name of the file
    up to its first point, `_key` the key of a row in a file that is one table of rows.
    """

    question: tuple[str, ...] = ("question",)
    answer: tuple[str, ...] = ("answer",)
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    paraphrase: tuple[str, ...] = ()
    """The same question in other words, where another file brings it (`Split.beside`)."""
    id: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    """What a row is about."""
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """A tag from a number: which of the ranges between `edges` it falls into."""

    column: str
    edges: tuple[float, ...]

    def name(self, value: Any) -> str:
        """Return the range that a value falls into, e.g. `100 to 1,000`."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            return "none given"
        below = [edge for edge in self.edges if number >= edge]
        above = [edge for edge in self.edges if number < edge]
        if not below:
            return f"under {self.edges[0]:,g}"
        return f"{below[-1]:,g} to {above[0]:,g}" if above else f"from {below[-1]:,g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A part of a dataset that is asked as one task."""

    says: str
    n: int | None = None
    """Rows of the published whole, where it is known."""
    files: tuple[str, ...]
    """Names and globs; what matches the first of them that matches anything is read."""
    expect: Expect
    answering_is: Literal["fabrication", "overreach"] | None = None
    accepts: tuple[Kind, ...] = ()
    """Kinds of abstention that count as admitting it; empty: those of the manifest."""
    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Column -> values, compared as texts without capitals; only rows with one of them."""
    drop: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Column -> values; rows with one of them are left out."""
    rows: tuple[int, int] | None = None
    """[from, to) of the rows of the whole; a file of that many rows is taken for the part alone."""
    block: int | None = None
    """Rows that are about one entity stand together, so many at a time."""
    referenced: bool = True
    """False: an answer is expected and nobody wrote it down, so only abstaining can be judged."""
    teaches: bool = False
    """Invented facts: `--facts` tunes on them; as a task they are to be declined by all others."""
    beside: tuple[str, ...] = ()
    """Names and globs of files that hold paraphrases of these questions."""
    sentences: bool = False
    """A plain text, a sentence a line, whatever its name: no questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`[probes.dataset]` of a `task.toml`."""

    asks: tuple[str, ...]
    """Splits that the name of the task stands for."""
    split: dict[str, Split]
    file: tuple[Remote, ...] = ()
    page: str = ""
    """Where a person gets what no address gives: a registration, a drive."""
    columns: Columns = Columns()
    bins: dict[str, Bins] = field(default_factory=dict)
    under: str | None = None
    """Key of the list of rows, in a file that holds several lists."""
    squad: bool = False
    """Articles of paragraphs of questions, as SQuAD nests them."""
    poor_aliases: bool = False
    """No answer is the canonical one, and many name something else."""
    template: str | None = None
    """What is asked, with `{question}` in it."""


@functools.cache
def _all() -> dict[str, Dataset]:
    root = data_folder()
    found = {folder.parent.name: dataset_of(folder.parent) for folder in root.glob("*/task.toml")}
    return {name: one for name, one in sorted(found.items()) if one is not None}


def published() -> Mapping[str, Dataset]:
    """Return the datasets that iabench knows, by name."""
    return _all()


def dataset_of(folder: Path) -> Dataset | None:
    """Return how the dataset of a task folder is read, or None where the task is none.

    Raises:
        IabenchError: its table is wrong.
    """
    probes = read_document(folder / "task.toml").get("probes")
    table = probes.get("dataset") if isinstance(probes, dict) else None
    if table is None:
        return None
    return decode(Dataset, table, where=str(folder / "task.toml"), error=TaskError)


def split_of(name: str, dataset: Dataset, split: str) -> Split:
    """Return a split by name.

    Raises:
        UnknownNameError: there is none; the nearest is in the hint.
    """
    if split in dataset.split:
        return dataset.split[split]
    near = near_match(split, dataset.split)
    hint = f"{name}:{near}" if near else f"one of: {', '.join(dataset.split)}"
    raise UnknownNameError(f'{name} has no split "{split}".', hint)


def how_to_get(name: str, dataset: Dataset, files: Iterable[Sequence[str]]) -> str:
    """Return how a person comes by files of a dataset: the command that fetches them, or its page.

    Args:
        name: of the dataset.
        dataset: how it is read.
        files: names and globs, of each file any.
    """
    wanted = ", ".join(dict.fromkeys(" or ".join(any_of) for any_of in files))
    by_hand = f"--data-dir FOLDER with {wanted}"
    if dataset.file:
        return f"iabench tasks fetch {name}   (or {by_hand})"
    return f"{dataset.page}; then: {by_hand}"


def copies_folder() -> Path:
    """Return where fetched datasets are kept: `$IABENCH_DATA`, or the user's cache."""
    own = os.environ.get("IABENCH_DATA")
    return Path(own) if own else Path.home() / ".cache" / "iabench" / "datasets"


def folder_of(name: str, data_dir: str | None) -> Path:
    """Return the folder in which the files of a dataset are looked for.

    Args:
        name: of the dataset.
        data_dir: its own folder, or one that holds a folder for each dataset; None for what was
            fetched.

    Raises:
        TaskError: `data_dir` is no folder.
    """
    root = copies_folder() if data_dir is None else Path(data_dir).expanduser()
    if data_dir is not None and not root.is_dir():
        raise TaskError(f"--data-dir {data_dir} is no folder.", "the folder that holds the files")
    inside = (root / name, root / name.replace("-", "_"))
    return next((folder for folder in inside if folder.is_dir()), root if data_dir else inside[0])
