"""From a document to an `hzdsl.Analysis`: everything it declares goes through the surface of Python."""

from __future__ import annotations

from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Schema, load_schema, schema_from_table
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.events import Events
from hzdsl.lang.of_files import OfFile
from hzdsl.text.at import at
from hzdsl.text.definitions import add_definitions, setting
from hzdsl.text.elaborate import Elaborator
from hzdsl.text.file import DocumentFile
from hzdsl.text.names import Names
from hzdsl.text.nano.blocks import add_blocks
from hzdsl.text.nano.corrections import vary_attributes
from hzdsl.text.nano.models import Providers, add_models
from hzdsl.text.nano.weights import declare_dialect_weights
from hzdsl.text.part import Part
from hzdsl.text.regions import row_name
from hzdsl.text.samples import declare_samples
from hzdsl.text.scope import Scope
from hzdsl.text.source import NANO_SPEC
from hzdsl.text.validation import validate
from hzdsl.text.weights import declare_checks, declare_lumi_mask, declare_weights


class Reader:
    """Reads one document; `providers` compute its models (`hzdsl.text.nano.models`).

    Attributes
    ----------
    analysis : Analysis
        What it describes.
    elaborator : Elaborator
        Its definitions, ready to be evaluated.
    """

    def __init__(self, file: DocumentFile, providers: Providers = MappingProxyType({})) -> None:
        validate(file)
        self.file = file
        self._check_dialect()
        schema = self._schema()
        names = Names(Events(schema), self._nano_spec)
        self.elaborator = Elaborator(names, bool(file.get("analysis", "strict_units")))
        self.analysis = Analysis(file.get("analysis", "name") or FilePath(file.name).stem, schema)
        self.analysis.folder = str(file.folder)
        self.analysis.declare(*add_definitions(self.elaborator.names, file))
        self._main = Part(self.analysis, file, self.elaborator)
        vary_attributes(file, self.elaborator)
        add_models(names, file, providers)

    @property
    def _nano_spec(self) -> bool:
        return self.file.dialect == NANO_SPEC

    def read(self) -> Analysis:
        """Return the analysis with everything declared."""
        channels = [self._channel(i) for i, _ in self.file.items("channel")]
        self._check_same_outputs(channels)
        if not channels and not self._nano_spec:
            self._main.regions.declare()
        elif not channels:
            self._main.row = self._main.regions.row(row_name(self._main.regions, self.file, ("regions",)))
        if not channels or not self._nano_spec:
            self._main.fill()
        for part in channels:
            part.fill(*part.within)
            if self._nano_spec:  # what is declared once there is filled by every channel
                part.fill()
        declare_weights(self.analysis, self.file, self._main)
        declare_checks(self.analysis, self.file, self._main)
        declare_lumi_mask(self.analysis, self.file, self._main)
        declare_dialect_weights(self.analysis, self.file, self.elaborator)
        declare_samples(self.analysis, self.file, self._main.in_slot)
        self._settings()
        for part in (self._main, *channels):
            self._name_definitions(part)
        return self.analysis

    # ---- the analysis as a whole ----

    def _check_dialect(self) -> None:
        known = ("", "hzdsl", NANO_SPEC)
        if self.file.dialect not in known:
            place = self.file.value_place("analysis", "dialect") if self.file.get("analysis", "dialect") else None
            what = f"there is no dialect '{self.file.dialect}'"
            raise HzdslError("spec-value", what, fix=f'"{NANO_SPEC}", or leave it out', place=place)

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
            given = self._main.in_slot(self.file.get("luminosity"), "luminosity")
            with at(self.file.value_place("luminosity")):
                self.analysis.luminosity = given

    def _name_definitions(self, part: Part) -> None:
        """Give every definition its name for printing; one that no region needs is evaluated here."""
        common = () if part is self._main else tuple(self.elaborator.names.entries())
        suffix = "" if part is self._main else f"_{self.file.get(*part.within, 'name')}"
        named: dict[str, Any] = {}
        for entry in part.elaborator.names.entries():
            own = entry.source.name.startswith(self.file.name) and entry not in common
            if own and isinstance(entry.value, OfFile):
                named[f"{entry.name}{suffix}"] = entry.value
            if own and not entry.is_function and entry.value is None:
                value = part.elaborator.run(entry, Scope(entry.source, chain=(entry.name,)))
                named[f"{entry.name}{suffix}"] = value
        self.analysis.name_values(named)

    # ---- channels ----

    def _channel(self, i: int) -> Part:
        """Return a channel: a namespace that begins with the document's, and one selection of events."""
        within = ("channel", i)
        names = self.elaborator.names.child()
        add_blocks(names, self.file, *within)
        part = Part(self.analysis, self.file, Elaborator(names, self.elaborator.strict_units), within)
        row_name(part.regions, self.file, within)
        before = self._main.regions if self._nano_spec else None
        with at(self.file.key_place(*within)):
            part.row = part.regions.row(self.file.get(*within, "name"), before)
        return part

    def _check_same_outputs(self, channels: list[Part]) -> None:
        """Refuse channels that do not write the same columns."""
        columns = [[o["name"] for o in self.file.get(*part.within, "outputs") or ()] for part in channels]
        for part, own in zip(channels, columns, strict=True):
            if own != columns[0]:
                first, name = (self.file.get(*p.within, "name") for p in (channels[0], part))
                what = f"channel '{name}' writes {_listed(own)}, and channel '{first}' {_listed(columns[0])}"
                place = self.file.key_place(*part.within)
                raise HzdslError("spec-value", what, fix="write the same outputs in every channel", place=place)


def _listed(names: list[Any]) -> str:
    return ", ".join(f"'{n}'" for n in names) or "nothing"
