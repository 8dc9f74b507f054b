"""One namespace of a document with what is filled from it: the document itself, or one of its channels."""

from __future__ import annotations

from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.lang.analysis import Analysis, RegionHandle
from hzdsl.lang.axes import axis
from hzdsl.lang.functions import plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.text.at import at
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.regions import Regions
from hzdsl.text.scope import Scope


class Part:
    """Regions, histograms and outputs over one namespace.

    Parameters
    ----------
    analysis : Analysis
        What they are declared in.
    file : DocumentFile
        The document.
    elaborator : Elaborator
        The definitions.
    within : path
        Where the part stands: () for the document, ``("channel", 0)`` for its first channel.
    """

    def __init__(
        self, analysis: Analysis, file: DocumentFile, elaborator: Elaborator, within: tuple[str | int, ...] = ()
    ) -> None:
        self.analysis, self.file, self.elaborator, self.within = analysis, file, elaborator, within
        self.regions = Regions(analysis, file, self.value, within)
        self.row: RegionHandle | None = None

    def fill(self, *within: str | int) -> None:
        """Declare the histograms and outputs that stand there; where the part has one row, all belong to it."""
        for i, _ in self.file.items(*within, "histogram"):
            self._histogram((*within, "histogram", i))
        for i, _ in self.file.items(*within, "outputs"):
            self._output((*within, "outputs", i))

    # ---- values ----

    def value(self, x: Any, *path: str | int) -> Any:
        """Return what stands at a path: a number as it is, a text as an expression."""
        if not isinstance(x, str):
            return x
        source = self.file.source(x, *path)
        return self.elaborator.run(parse_expression(source), Scope(source))

    def in_slot(self, x: Any, *path: str | int) -> Any:
        """Return the value at a path whose dimension is known."""
        value = self.value(x, *path)
        with at(self.file.value_place(*path)):
            self._strict(value, next(k for k in reversed(path) if isinstance(k, str)))
        return value

    def _strict(self, x: Any, what: str) -> None:
        """Raise ``unit`` for a bare number in a slot where the document asks for units."""
        if self.elaborator.strict_units and plain_number(x) and not isinstance(x, Quantity) and x != 0:
            raise HzdslError("unit", f"{what}: {x} has no unit, and strict_units is set", fix='write the unit: "5 GeV"')

    # ---- histograms and outputs ----

    def _filled_in(self, path: Path) -> Any:
        """Return the regions that are filled."""
        if self.row is None:
            return self.regions.named((*path, "region"))
        if self.file.get(*path, "region") is not None:
            raise HzdslError(
                "meaning-differs",
                "the nano-spec dialect has one selection, to which all histograms and outputs belong",
                fix="remove the key, or the dialect",
                place=self.file.key_place(*path, "region"),
            )
        return [self.row]

    def _histogram(self, path: Path) -> None:
        table = self.file.get(*path)
        if ("expr" in table) == ("axes" in table):
            what = f"histogram '{table['name']}' needs either expr or axes"
            raise HzdslError(
                "spec-key", what, fix="expr, bins and range; or axes = [{ … }, { … }]", place=self.file.key_place(*path)
            )
        paths = [path] if "expr" in table else [(*path, "axes", i) for i, _ in self.file.items(*path, "axes")]
        axes = [self._axis(p) for p in paths]
        marks = {label: self.value(x, *path, "marks", label) for label, x in table.get("marks", {}).items()}
        regions = self._filled_in(path)
        plot = {"title": table.get("title", ""), "log": table.get("log", ""), "marks": marks}
        with at(self.file.value_place(*paths[0], "expr")):
            self.analysis.histogram(table["name"], *axes, region=regions, **plot)

    def _axis(self, path: Path) -> Any:
        table = self.file.get(*path)
        x = self.value(table["expr"], *path, "expr")
        bins = self.value(table.get("bins"), *path, "bins")
        low, high = self._edges(path, "range") or (None, None)
        return axis(x, bins, low, high, edges=self._edges(path, "edges"), label=table.get("label", ""))

    def _edges(self, path: Path, key: str) -> list[Any] | None:
        given = self.file.get(*path, key)
        if given is None:
            return None
        return [self.in_slot(x, *path, key, i) for i, x in enumerate(given)]

    def _output(self, path: Path) -> None:
        table = self.file.get(*path)
        value = self.value(table["expr"], *path, "expr")
        source = self.file.source(table["expr"], *path, "expr")
        with at(source.place(0, len(source.text))):
            self.analysis.output(table["name"], value, region=self._filled_in(path))
