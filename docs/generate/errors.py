"""docs/errors.md, the list of error codes, from their declarations and pages."""

from __future__ import annotations

from hzdsl.cli.help import page
from hzdsl.errors import DATA, FIT, KINDS, LOST, SPEC, USAGE

INTRODUCTION = """# Error codes

Every error has a short code, says what is wrong, shows the place with a caret where there is one, and how to mend it
where that is known. All that is wrong with one call is said at once. Each code has a page with examples of what is
refused and what is right, in Python and in text: follow the links, or `hzdsl help CODE`. The exit status of the command
line is 2 for options, 3 for input and output files, 4 for the analysis, 6 where input was lost in the middle of a run,
7 where a fit failed.

```
error[unit]: Muon.pt is in GeV, 5 is a plain number
  at higgs.py:12
    good = mu[mu.pt > 5]
              ^^^^^^^^^
  fix: write the unit: 5*GeV (text: 5 GeV)
```

(This list and the messages on the pages are written by `make docs`.)
"""
SECTIONS = {
    USAGE: "What was asked for (exit status 2)",
    DATA: "The input files (exit status 3)",
    SPEC: "The analysis (exit status 4)",
    LOST: "Lost input (exit status 6)",
    FIT: "The fit (exit status 7)",
}


def what_to_do(code: str) -> str:
    """Return the advice of a page: the first paragraph under its last heading."""
    paragraph = page(code).partition("## What to do\n")[2].strip().split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def listed() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for status, title in SECTIONS.items():
        rows = [
            f"| [`{code}`](errors/{code}.md) | {kind.summary} | {what_to_do(code)} |"
            for code, kind in KINDS.items()
            if kind.exit_status == status
        ]
        parts.append("\n".join([f"\n## {title}\n", "| code | meaning | what to do |", "|---|---|---|", *rows, ""]))
    return "".join(parts)
