"""From a document to an `hzdsl.Analysis`: regions, histograms, outputs and samples through the surface of Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.io.schema import Schema, load_schema, schema_from_table
from hzdsl.lang.analysis import Analysis, RegionHandle, cuts_of
from hzdsl.lang.axes import axis
from hzdsl.lang.events import Events
from hzdsl.lang.functions import plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.text.definitions import add_definitions, setting
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Names
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.samples import declare_samples
from hzdsl.text.scope import Scope
from hzdsl.text.validation import validate


@contextmanager
def at(place: Place) -> Iterator[None]:
    """Give the errors raised inside a place, where they have none."""
    try:
        yield
    except HzdslError as e:
        raise e.at(place) from None


class Reader:
    """Reads one document.

    Attributes
    ----------
    analysis : Analysis
        What it describes.
    elaborator : Elaborator
        Its definitions, ready to be evaluated.
    """

    def __init__(self, file: DocumentFile) -> None:
        validate(file)
        self.file = file
        self._refuse_dialect()
        schema = self._schema()
        self.elaborator = Elaborator(Names(Events(schema)), bool(file.get("analysis", "strict_units")))
        self.analysis = Analysis(file.get("analysis", "name") or FilePath(file.name).stem, schema)
        self.analysis.folder = str(file.folder)
        self.analysis.declare(*add_definitions(self.elaborator.names, file))
        self._regions: dict[str, RegionHandle] = {}

    def read(self) -> Analysis:
        """Return the analysis with everything declared."""
        for name in self.file.get("regions") or {}:
            self._region(name, ())
        for i, _ in self.file.items("histogram"):
            self._histogram(("histogram", i))
        for i, _ in self.file.items("outputs"):
            self._output(("outputs", i))
        declare_samples(self.analysis, self.file, self._in_slot)
        self._settings()
        self._name_definitions()
        return self.analysis

    # ---- the analysis as a whole ----

    def _refuse_dialect(self) -> None:
        if self.file.get("analysis", "dialect") is not None:
            place = self.file.value_place("analysis", "dialect")
            raise HzdslError("unsupported", "other dialects are not in this version", fix="remove the key", place=place)

    def _schema(self) -> Schema:
        given, path = setting(self.file, "schema")
        with at(self.file.value_place(*path)):
            if isinstance(given, dict):
                return schema_from_table(given, FilePath(self.file.name).stem)
            return load_schema(given or "nanoaod", str(self.file.folder))

    def _settings(self) -> None:
        for key, value in (("experiment", ("experiment", "name")), ("energy", ("experiment", "energy"))):
            setattr(self.analysis, key, self.file.get("analysis", key) or self.file.get(*value) or "")
        if self.file.get("luminosity") is not None:
            given = self._in_slot(self.file.get("luminosity"), "luminosity")
            with at(self.file.value_place("luminosity")):
                self.analysis.luminosity = given

    def _name_definitions(self) -> None:
        """Give every definition its name for printing; one that no region needs is evaluated here."""
        for entry in self.elaborator.names.entries():
            own = entry.source.name.startswith(self.file.name)
            if own and not entry.is_function and entry.value is None:
                self.analysis.define(
                    **{entry.name: self.elaborator.run(entry, Scope(entry.source, chain=(entry.name,)))}
                )

    # ---- values ----

    def value(self, x: Any, *path: str | int) -> Any:
        """Return what stands at a path: a number as it is, a text as an expression."""
        if not isinstance(x, str):
            return x
        source = self.file.source(x, *path)
        return self.elaborator.run(parse_expression(source), Scope(source))

    def _in_slot(self, x: Any, *path: str | int) -> Any:
        """Return the value at a path whose dimension is known."""
        value = self.value(x, *path)
        with at(self.file.value_place(*path)):
            self.strict(value, next(k for k in reversed(path) if isinstance(k, str)))
        return value

    def strict(self, x: Any, what: str) -> None:
        """Raise ``unit`` for a bare number in a slot where the document asks for units."""
        if self.elaborator.strict_units and plain_number(x) and not isinstance(x, Quantity) and x != 0:
            raise HzdslError("unit", f"{what}: {x} has no unit, and strict_units is set", fix='write the unit: "5 GeV"')

    # ---- regions ----

    def _region(self, name: str, chain: tuple[str, ...]) -> RegionHandle:
        if name in chain:
            circle = " → ".join([*chain[chain.index(name) :], name])
            raise HzdslError(
                "cycle", f"region '{name}' requires itself: {circle}", place=self.file.key_place("regions", name)
            )
        if name not in self._regions:
            table = self.file.get("regions", name)
            path: Path = ("regions", name)
            if isinstance(table, dict):
                self._unsupported(table, path, "split", "on")
                table, path = table.get("require", []), (*path, "require")
            required = [self._requirement(name, x, (*path, i), (*chain, name)) for i, x in enumerate(table)]
            self._regions[name] = self.analysis.region(name, *required)
        return self._regions[name]

    def _unsupported(self, table: dict[str, Any], path: Path, *keys: str) -> None:
        for key in keys:
            if key in table:
                raise HzdslError(
                    "unsupported", f"'{key}' is not in this version", place=self.file.key_place(*path, key)
                )

    def _requirement(self, region: str, x: Any, path: Path, chain: tuple[str, ...]) -> RegionHandle:
        if isinstance(x, dict):
            ((label, text),) = x.items()
            path = (*path, label)
        else:
            text, label = x, " ".join(x.split())
            if self._is_region(text, path):
                return self._region(text.strip(), chain)
        value = self.value(text, *path)
        with at(self._whole(text, path)):
            return RegionHandle("", tuple(cuts_of(region, {label: value})))

    def _is_region(self, text: str, path: Path) -> bool:
        """Return True for the name of a region; a string is looked up as one before it is read as an expression."""
        known = self.file.get("regions") or {}
        for verb in (".split(", ".without("):
            if verb in text and text.split(verb, maxsplit=1)[0].strip() in known:
                raise HzdslError("unsupported", f"region{verb}…) is not in this version", place=self._whole(text, path))
        return text.strip() in known

    def _whole(self, text: str, path: Path) -> Place:
        return self.file.source(text, *path).place(0, len(text))

    def _named(self, path: Path) -> list[str] | None:
        """Return the regions that a histogram or output names; None where it names none."""
        given = self.file.get(*path)
        if given is None:
            return None
        names = []
        for i, text in enumerate([given] if isinstance(given, str) else given):
            where = path if isinstance(given, str) else (*path, i)
            if not self._is_region(text, where):
                known = self.file.get("regions") or {}
                fix = did_you_mean(text, known) or f"regions: {', '.join(known) or 'none'}"
                raise HzdslError(
                    "name-unknown", f"there is no region '{text}'", fix=fix, place=self.file.value_place(*where)
                )
            names.append(text.strip())
        return names

    # ---- histograms and outputs ----

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
        regions = self._named((*path, "region"))
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
        return [self._in_slot(x, *path, key, i) for i, x in enumerate(given)]

    def _output(self, path: Path) -> None:
        table = self.file.get(*path)
        value = self.value(table["expr"], *path, "expr")
        with at(self._whole(table["expr"], (*path, "expr"))):
            self.analysis.output(table["name"], value, region=self._named((*path, "region")))
