"""Parsers of the grammars of this package: `NAME.lark`, whose tables are kept as `NAME.table.json`.

Working out the table of a grammar takes longer than reading most documents, so `tools/grammar_tables.py` does it once.
A table is used for the very grammar, by the very version of lark, that it was made of; without one, or with another
lark, a parser is built from its grammar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hzdsl.records import dataclass

if TYPE_CHECKING:
    from lark import Lark


@dataclass(frozen=True)
class Grammar:
    """A grammar in a package of ours.

    Attributes
    ----------
    file : path
        The grammar.
    start : sequence of str
        The rules that a text may be.
    """

    file: Path
    start: Sequence[str]

    def text(self) -> str:
        """Return the grammar."""
        return self.file.read_text(encoding="utf-8")

    @property
    def table_file(self) -> Path:
        """Where its table is kept."""
        return self.file.with_suffix(".table.json")

    def parser(self, transformer: Any) -> Lark:
        """Return a parser whose rules are methods of `transformer` that run while it parses."""
        from lark import Lark

        table = self._table()
        if table is None:
            return self.built(transformer)
        options = {**table["data"]["options"], "transformer": transformer}
        return Lark.load({"data": {**table["data"], "options": options}, "memo": table["memo"]})

    def built(self, transformer: Any = None) -> Lark:
        """Return a parser from the grammar itself."""
        from lark import Lark

        options: Any = {"parser": "lalr", "start": list(self.start), "maybe_placeholders": True}
        return Lark(self.text(), transformer=transformer, **options)

    def made_of(self) -> Mapping[str, Any]:
        """Return all that a table depends on."""
        from lark import __version__

        return {"lark": __version__, "grammar": self.text(), "start": list(self.start)}

    def _table(self) -> Any:
        """Return the kept table, its numbers being numbers again, or None where it is of something else."""
        file = self.table_file
        table = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if table.get("made_of") != self.made_of():
            return None
        table["memo"] = _numbered(table["memo"])
        states = table["data"]["parser"]["parser"]
        states["tokens"] = _numbered(states["tokens"])
        states["states"] = {i: _numbered(actions) for i, actions in _numbered(states["states"]).items()}
        return table


def _numbered(table: Mapping[str, Any]) -> dict[int, Any]:
    """Return a table with numbers as keys, which in JSON are texts."""
    return {int(key): x for key, x in table.items()}
