"""From a document to an `hzdsl.Analysis`: regions, histograms, outputs and samples through the surface of Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.io.schema import Schema, load_schema, schema_from_table
from hzdsl.lang.analysis import Analysis, RegionHandle
from hzdsl.lang.axes import axis
from hzdsl.lang.events import Events
from hzdsl.lang.functions import plain_number
from hzdsl.lang.quantities import Quantity
from hzdsl.text.definitions import add_definitions, setting
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.names import Names
from hzdsl.text.parser import parse_expression
from hzdsl.text.positions import Path
from hzdsl.text.samples import declare_samples
from hzdsl.text.scope import Scope
from hzdsl.text.tomlfile import TomlFile
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

    def __init__(self, file: TomlFile) -> None:
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
        declare_samples(self.analysis, self.file, self.value)
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
            self.analysis.luminosity = self.value(self.file.get("luminosity"), "luminosity")
            with at(self.file.value_place("luminosity")):
                self.strict(self.analysis.luminosity, "luminosity")
                self.analysis.document()

    def _name_definitions(self) -> None:
        """Give every definition its name for printing; one that no region needs is evaluated here."""
        for entry in self.elaborator.names.entries():
            own = entry.source.name.startswith(self.file.name)
            if own and not entry.is_function and entry.value is None:
                self.analysis.define(**{entry.name: self.elaborator.run(entry, Scope(entry.source, chain=(entry.name,)))})

    # ---- values ----

    def value(self, x: Any, *path: str | int) -> Any:
        """Return what stands at a path: a number as it is, a text as an expression."""
        if not isinstance(x, str):
            return x
        source = self.file.source(x, *path)
        return self.elaborator.run(parse_expression(source), Scope(source))

    def strict(self, x: Any, what: str) -> None:
        """Raise ``unit`` for a bare number in a slot where the document asks for units."""
        if self.elaborator.strict_units and plain_number(x) and not isinstance(x, Quantity) and x != 0:
            raise HzdslError("unit", f"{what}: {x} has no unit, and strict_units is set", fix="write the unit: \"5 GeV\"")

    # ---- regions ----

    def _region(self, name: str, chain: tuple[str, ...]) -> RegionHandle:
        if name in chain:
            circle = " → ".join([*chain[chain.index(name) :], name])
            raise HzdslError("cycle", f"region '{name}' requires itself: {circle}", place=self.file.key_place("regions", name))
        if name not in self._regions:
            table, path = self.file.get("regions", name), ("regions", name)
            if isinstance(table, dict):
                self._unsupported(table, path, "split", "on")
                table, path = table.get("require", []), (*path, "require")
            cuts = [self._requirement(x, (*path, i), (*chain, name)) for i, x in enumerate(table)]
            declared = self.analysis.region(name)
            declared.cuts = tuple(c for cut in cuts for c in cut.cuts)
            self._regions[name] = declared
        return self._regions[name]

    def _unsupported(self, table: dict[str, Any], path: Path, *keys: str) -> None:
        for key in keys:
            if key in table:
                raise HzdslError("unsupported", f"'{key}' is not in this version", place=self.file.key_place(*path, key))
