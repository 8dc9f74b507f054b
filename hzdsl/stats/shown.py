"""What is read as tables, wherever it is looked at: on a terminal, in a notebook, in a paper."""

from __future__ import annotations

from typing import Any

from hzdsl.results.latex import latex_of
from hzdsl.results.text import TextTable, text_of


class Shown:
    """What is read as tables: as text, in notebooks, in LaTeX. A class may have a shorter `repr` of its own."""

    def __init_subclass__(cls) -> None:
        """Let data classes have this `repr`, instead of one of all their fields."""
        if "__repr__" not in vars(cls):
            cls.__repr__ = Shown.__repr__  # type: ignore[method-assign]

    def tables(self) -> tuple[TextTable, ...]:
        """Return what a reader is shown, as tables."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the tables as plain text."""
        return text_of(self.tables())

    def __str__(self) -> str:
        return self.text().rstrip("\n")

    def __repr__(self) -> str:
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show it as text in IPython."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """Show it as HTML in notebooks."""
        from hzdsl.results.notebook import table_html

        return "".join(map(table_html, self.tables()))

    def latex(self) -> str:
        """Return the tables in LaTeX."""
        return latex_of(self.tables())
