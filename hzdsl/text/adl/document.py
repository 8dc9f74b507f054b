"""From an ADL file to an `hzdsl.Analysis`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Schema, load_schema
from hzdsl.lang.analysis import Analysis
from hzdsl.lang.events import Events
from hzdsl.text import syntax as s
from hzdsl.text.adl.evaluate import AdlElaborator
from hzdsl.text.adl.kinds import Kinds
from hzdsl.text.adl.lines import Block, blocks
from hzdsl.text.adl.objects import ObjectBlock, header
from hzdsl.text.adl.regions import Regions
from hzdsl.text.adl.registry import Define, Registry, define_of
from hzdsl.text.adl.tables import table
from hzdsl.text.adl.translate import Translator
from hzdsl.text.names import Entry, Names, Steps
from hzdsl.text.scope import Scope

_REFUSED = MappingProxyType(
    {
        "systematic": ("systematic variations are not read from ADL", "write them with vary(…) in Python or TOML"),
    }
)


class AdlReader:
    """Reads one ADL file.

    Attributes
    ----------
    analysis : Analysis
        What it describes.
    elaborator : Elaborator
        Its definitions, ready to be evaluated.
    """

    def __init__(self, text: str, name: str, folder: Path) -> None:
        self.blocks = list(blocks(name, text))
        schema = self._schema(folder)
        self.registry = Registry(Names(Events(schema)))
        self.elaborator = AdlElaborator(self.registry.names)
        self.analysis = Analysis(Path(name).stem, schema)
        self.analysis.folder = str(folder)

    def read(self) -> Analysis:
        """Return the analysis with everything declared."""
        for key, value in self._information("experiment", "sqrts"):
            if key == "experiment":
                self.analysis.experiment = value
            else:
                self.analysis.energy = f"{value.split()[0]} TeV"
        self._refuse()
        self._define()
        named = {kind: self._named(kind) for kind in ("region", "histolist", "trigger")}
        regions = Regions(self.registry, self.elaborator, self.analysis, named)
        for name in named["region"]:
            regions.declare(name)
        regions.weigh()
        self._name_definitions(regions)
        return self.analysis

    # ---- what is said of the file and the input ----

    def _information(self, *keys: str) -> Iterable[tuple[str, str]]:
        """Yield the given fields of the ``info`` blocks that have a value."""
        for block in self.blocks:
            for line in block.lines if block.kind == "info" else ():
                value = line.body.strip("\"'")
                if line.word.casefold() in keys and value:
                    yield line.word.casefold(), value

    def _schema(self, folder: Path) -> Schema:
        """Return the schema that ``inputformat`` names: NanoAOD unless it is a TOML file."""
        for block in self.blocks:
            for line in block.lines if block.kind == "info" else ():
                if line.word.casefold() == "inputformat" and not line.body.casefold().startswith("nanoaod"):
                    try:
                        return load_schema(line.body.strip("\"'"), str(folder))
                    except HzdslError as e:
                        raise e.at(line.after()) from None
        return load_schema("nanoaod", str(folder))

    def _refuse(self) -> None:
        for block in self.blocks:
            if block.kind in _REFUSED:
                what, fix = _REFUSED[block.kind]
                raise HzdslError("unsupported", what, fix=fix, place=block.head.place())

    # ---- names ----

    def _define(self) -> None:
        entries = []
        for block in self.blocks:
            if block.kind in ("object", "composite"):
                self.registry.objects.add(header(block)[0])
        for name, block in self._named("table").items():
            self.registry.tables[name] = table(name, block)
        for block in self.blocks:
            if block.kind == "define":
                define = define_of(block.head)
                self.registry.defines.setdefault(define.name, define)
                entries.append(self._entry(define))
            elif block.kind in ("object", "composite"):
                entries.append(ObjectBlock(self.registry, block).entry)
        for entry in entries:
            self.registry.names.add(entry)
        for define in self.registry.defines.values():  # in the order written, so that no chain of them is deep
            self.registry.floating(define.name)
            Kinds(self.registry, define.source).is_object(s.Name(define.start, define.end, 1, define.name))

    def _entry(self, define: Define) -> Entry:
        def steps(scope: Scope) -> Steps:
            tree = Translator(self.registry, define.source).definition(define.tree)
            return (yield tree, Scope(define.source, chain=scope.chain))

        return Entry(define.name, define.source, define.start, define.end, steps=steps)

    def _named(self, kind: str) -> dict[str, Block]:
        """Return the blocks of a kind by their names."""
        found: dict[str, Block] = {}
        for block in self.blocks:
            if block.kind == kind:
                name, start, end, _ = header(block)
                if name in found:
                    place = block.head.source.place(start, end)
                    raise HzdslError("name-twice", f"there are two {kind}s called '{name}'", place=place)
                found[name] = block
        return found

    def _name_definitions(self, regions: Regions) -> None:
        """Give every definition its name for printing; one that no region needs is evaluated here."""
        for entry in self.registry.names.entries():
            if entry.name in self.registry.defines and self.registry.floating(entry.name):
                chosen = regions.chosen(entry.name)  # it has a value in the regions that choose it
                self.analysis.name_values({} if chosen is None else {entry.name: chosen})
                continue
            name = s.Name(entry.start, entry.end, 1, entry.name)
            self.analysis.name_values({entry.name: self.elaborator.run(name, Scope(entry.source))})
