"""What the docs say of the code, made from the code.

    python docs/generate.py            writes docs/reference/ and the generated blocks of the pages
    python docs/generate.py --check    writes nothing; exit code 1 where a file would change

A block of a page stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import difflib
import inspect
import json
import re
import sys
from pathlib import Path

from made import MADE
from made.blocks import BLOCKS
from made.command_line import cli

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RECORDS = (
    "Certified",
    "Completion",
    "Difference",
    "Estimate",
    "ModelSpec",
    "Probe",
    "Prompt",
    "RunSpec",
    "TaskSpec",
    "Verdict",
)


def main(words: list[str]) -> int:
    """Write, or with `--check` compare; return the exit code."""
    different = 0
    for path, text in sorted(made().items()):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before == text:
            continue
        different += 1
        name = str(path.relative_to(ROOT))
        if "--check" in words:
            lines = (before.splitlines(), text.splitlines())
            sys.stderr.write("\n".join(difflib.unified_diff(*lines, name, "the code", n=1)) + "\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")
    return 1 if different and "--check" in words else 0


def made() -> dict[Path, str]:
    """Return every file that is made or holds a made block, as it should be."""
    reference = DOCS / "reference"
    files = {reference / "cli.md": cli(), reference / "api.md": api()}
    for name in RECORDS:
        files[reference / "schemas" / f"{name}.json"] = schema_of(name)
    for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        if "<!-- generated: " in text:
            files[path] = filled(text)
    return files


def filled(text: str) -> str:
    """Return a page with its blocks made anew."""

    def block(found: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[found[1]]()).strip()
        return f"<!-- generated: {found[1]} -->\n\n{lines}\n\n<!-- end -->"

    return re.sub(r"<!-- generated: ([a-z-]+) -->.*?<!-- end -->", block, text, flags=re.DOTALL)


def api() -> str:
    """Return the page of public names, each by autodoc at its own module."""
    import iabench

    lines = ["# Python names", "", MADE, "", "What `import iabench` offers."]
    for name in sorted(iabench.__all__, key=lambda n: (n.startswith("__"), n.lower())):
        thing = getattr(iabench, name)
        kind = "class" if inspect.isclass(thing) else "function" if callable(thing) else ""
        if inspect.ismodule(thing):
            first = (inspect.getdoc(thing) or "").splitlines()[0]
            lines += ["", f"## iabench.{name}", "", f"Module. {first}"]
        elif kind:
            more = "\n   :members:\n   :undoc-members:" if kind == "class" else ""
            where = f"{thing.__module__}.{thing.__qualname__}"
            directive = f".. auto{kind}:: {where}{more}"
            lines += ["", f"## iabench.{name}", "", "```{eval-rst}", directive, "```"]
        else:
            lines += ["", f"## iabench.{name}", "", f"`{thing!r}`"]
    return "\n".join(lines) + "\n"


def schema_of(name: str) -> str:
    """Return the JSON schema of a record."""
    from iabench import records
    from iabench.decode import schema

    return json.dumps(schema(getattr(records, name)), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
