"""What the command line says of somebody's own facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iabench.errors import ConfigError

if TYPE_CHECKING:
    from iabench.records import RunSpec

__all__ = ["columns_of", "head", "shown"]

_PAIRS = 20
_WIDTH = 14


def columns_of(values: list[str]) -> list[tuple[str, str]]:
    """Return `question=frage` pairs, sorted.

    Raises:
        ConfigError: one is no pair, or two are for one name.
    """
    pairs = {}
    for value in values:
        ours, equals, theirs = (part.strip() for part in value.partition("="))
        if not (ours and equals and theirs) or ours in pairs:
            raise ConfigError(
                f'--columns "{value}" is no name=column.', "--columns question=frage,answer=antwort"
            )
        pairs[ours] = theirs
    return sorted(pairs.items())


def head(spec: RunSpec) -> list[str]:
    """Return the lines on the facts of a run: what they are, and one pair of questions."""
    from iabench.tasks.told import YourFacts, told

    yours = YourFacts.of(spec)
    if yours is None:
        return []
    given = told(yours, spec.seed)
    lines = [f"{'your facts':<{_WIDTH}}{given.line}"]
    pair = next(iter((*given.names, *given.framed)), None)
    if pair is not None:
        asked, swapped = _flat(pair.row.question), _flat(pair.question)
        lines.append(f"{'':<{_WIDTH}}{'asked':<11}{asked}")
        lines.append(f"{'':<{_WIDTH}}{'and':<11}{swapped}     (there is no such thing)")
    return [*lines, *(f"note: {note}" for note in given.notes), ""]


def shown(spec: RunSpec, task: str, *, pairs: bool = True) -> str | None:
    """Return what `tasks show` says of a task made from somebody's facts; None of any other.

    Args:
        spec: of the facts.
        task: its name.
        pairs: show questions beside the swapped ones.
    """
    from iabench.tasks.facts import FACTS_TASKS
    from iabench.tasks.told import YourFacts, told

    if task not in FACTS_TASKS:
        return None
    return "\n".join(told(YourFacts.of(spec), spec.seed, task).lines(_PAIRS if pairs else 0, task))


def _flat(text: str, most: int = 200) -> str:
    from iabench.reports.shown import cut, one_line

    return cut(one_line(text), most)
