"""Write the tables of all grammars, `*.table.json` beside each `*.lark`; run it when a grammar or lark has changed.

    python tools/grammar_tables.py [FOLDER]

The names of the files in FOLDER, if one is given, are those of the grammars.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

from hzdsl.corrections import formula
from hzdsl.text import parser
from hzdsl.text.adl import grammar as adl

GRAMMARS = (parser.GRAMMAR, adl.GRAMMAR, formula.GRAMMAR)


def main(folder: str | None = None) -> None:
    """Write the tables where the grammars are, or into a folder."""
    for grammar in GRAMMARS:
        beside = Path(folder) if folder else Path(str(resources.files(grammar.package)))
        (beside / f"{grammar.name}.table.json").write_text(grammar.written_table(), encoding="utf-8")


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # lark numbers states in the order of sets
        sys.exit(subprocess.call([sys.executable, *sys.argv], env={**os.environ, "PYTHONHASHSEED": "0"}))
    main(*sys.argv[1:])
