"""The pages of the language and of statistics: their blocks, run from the top in one namespace per page, in a folder with a few files.

What a block is, by what stands before and after it:

* ``python`` runs. An ``error`` block after it shows the message with which it is refused, an ``output`` block what it prints.
* ``hz`` after it holds definitions: each builds the nodes of the Python name it shares. Definitions above stay known.
* ``toml`` or ``yaml`` is a document: its names, too, and where it declares regions or what is filled, it is the analysis `ana`
  of Python. Without a ``define`` of its own it has the definitions above; without regions it is known below, as they are
  (parameters, corrections). One that begins ``# name.toml`` is that file.
* ``sh`` with an ``output`` block after it: its lines are commands of hzdsl, which run one after the other and end well;
  what they print to standard output is shown. Without one it names commands that are there (`test_commands.py`).

`make docs` writes what is really said and printed into the ``error`` and ``output`` blocks.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from click.testing import CliRunner

import hzdsl as hz
from hzdsl.cli.app import app
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.node import Node
from hzdsl.ir.packed import pack, unpack
from hzdsl.lang.kinematics import COMPONENTS, Vec4
from hzdsl.lang.objects import Particle
from hzdsl.lang.values import Value
from hzdsl.lang.vectors import Vec3
from hzdsl.run.cluster.messages import PROGRAM
from hzdsl.text import Loaded
from tests.event_files import write
from tests.run.muons import identifiers

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "language.md", *sorted((DOCS / "language").glob("*.md"))]
#: Pages on statistics, of the same kind.
STATISTICS = sorted((DOCS / "statistics").glob("*.md"))
BLOCK = re.compile(r"```(python|hz|toml|yaml|sh)\n(.*?)```\n(?:\n?```(error|output)\n(.*?)```\n)?", re.DOTALL)
#: The lines that every page starts from, as docs/language.md shows them.
PRELUDE = """\
import hzdsl as hz
from hzdsl import GeV, MeV, cm, fb, pb

ev = hz.events("nanoaod")
mu, el, jet, met = ev.Muon, ev.Electron, ev.Jet, ev.MET
"""
#: Definitions of a block that are no functions.
DEFINED = re.compile(r"(?:^|;)[ \t]*(\w+)[ \t]*=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block: its language, what stands in it, and what the page says of it (`shown`, in an error or output)."""

    language: str
    code: str
    kind: str = ""
    shown: str = ""


@dataclass
class Page:
    """What a page has built so far."""

    names: dict[str, Any] = field(default_factory=dict)
    tables: str = ""
    definitions: str = ""
    compared: int = 0
    different: list[str] = field(default_factory=list)

    def said(self, block: Block) -> str:
        """Run a block and return what it prints, or the message with which it is refused."""
        if block.language == "sh":
            return _portable(self.shell(block)) if block.kind == "output" else ""
        return _portable(self.python(block)) if block.language == "python" else self.text(block)

    @staticmethod
    def shell(block: Block) -> str:
        """Run commands, and return what they print to standard output."""
        said = ""
        for line in block.code.splitlines():
            command, *words = shlex.split(line, comments=True)
            assert command == "hzdsl", line
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 0, f"{line}\n{done.output}"
            said += done.stdout
        return said

    def python(self, block: Block) -> str:
        if not self.names:
            exec(PRELUDE, self.names)
        names = dict(self.names) if block.kind == "error" else self.names
        linecache.cache["analysis.py"] = (len(block.code), None, block.code.splitlines(True), "analysis.py")
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(block.code, "analysis.py", "exec"), names)
        except HzdslError as error:
            if block.kind != "error":
                raise
            return f"{error}\n"
        finally:
            del linecache.cache["analysis.py"]
        return printed.getvalue()

    def text(self, block: Block) -> str:
        named = re.match(r"# (\w+\.\w+)\n", block.code)
        if named:
            Path(named[1]).write_text(block.code, encoding="utf-8")
            return ""
        try:
            library = self.loaded(block)
        except HzdslError as error:
            if block.kind != "error":
                raise
            return f"{error}\n"
        self.compare(library, block)
        if block.language == "toml" and "define = " not in block.code and not declares(library.document):
            self.tables += block.code
        return ""

    def loaded(self, block: Block) -> Loaded:
        """Load a block as a document; one that is refused stands for itself."""
        path = Path(f"analysis.{'yaml' if block.language == 'yaml' else 'toml'}")
        code = block.code
        if block.language == "hz" and block.kind == "error":
            code = f'define = """\n{code}"""\n'
        elif block.language == "hz":
            self.definitions += code
            code = f'{self.tables}define = """\n{self.definitions}"""\n'
        elif block.language == "toml" and block.kind != "error" and "define = " not in code:
            code = f'{self.tables}define = """\n{self.definitions}"""\n{code}'
        path.write_text(code, encoding="utf-8")
        return hz.load(path)

    def compare(self, library: Loaded, block: Block) -> None:
        """Note every name that stands for other nodes than the same name of Python."""
        document = library.document
        roots = tuple(document.roots())
        if unpack(pack(roots), PROGRAM) != roots:
            self.different.append(f"the bytes of the graph of '{document.name}'")
        names = DEFINED.findall(block.code) if block.language == "hz" else [n for n, _ in document.definitions]
        for name in names:
            mine, theirs = nodes(self.names.get(name)), nodes(getattr(library, name))
            if mine is not None:
                self.compared += 1
                if mine != theirs:
                    self.different.append(name)
        if declares(document):
            self.compared += 1
            mine = self.names["ana"].document()
            same = (document.samples, document.luminosity) == (mine.samples, mine.luminosity)
            if analysis_hash(document) != analysis_hash(mine) or not same:
                self.different.append(f"the analysis '{document.name}'")


def _portable(said: str) -> str:
    """Return what is printed without what is rounding alone, and differs between machines: distances to minima."""
    return re.sub(r"\bedm \d[\d.]*e[-+]\d+", "edm …", said)


def declares(document: Document) -> bool:
    """Return whether a document selects, fills or reads anything."""
    return bool(document.regions or document.histograms or document.outputs or document.weights or document.samples)


def nodes(x: Any) -> tuple[Node, ...] | None:
    """Return what a surface value stands for; None for functions, numbers and what belongs to Python alone."""
    if isinstance(x, Value):
        return (x.node,)
    if isinstance(x, Particle):
        return tuple(x.references()) or nodes(x.attribute("p4") if "eta" in x.attributes() else x.attribute("pt"))
    if isinstance(x, Vec4):
        return tuple(getattr(x, c).node for c in COMPONENTS)
    return tuple(c.node for c in x.components) if isinstance(x, Vec3) else None


def blocks(page: Path) -> list[Block]:
    return [Block(m[1], m[2], m[3] or "", m[4] or "") for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def rewritten(path: Path) -> str:
    """Return the text of a page with what is really said and printed."""
    page = Page()

    def block(m: re.Match[str]) -> str:
        given = Block(m[1], m[2], m[3] or "", m[4] or "")
        try:
            said = page.said(given)
        except HzdslError as error:
            raise AssertionError(f"{path.name}: {m[2]}{error}") from error
        return f"```{m[1]}\n{m[2]}```\n" + (f"```{given.kind}\n{said}```\n" if given.kind else "")

    return BLOCK.sub(block, path.read_text(encoding="utf-8"))


@contextlib.contextmanager
def folder(path: Path) -> Iterator[None]:
    """Work in a folder with the files that the pages speak of."""
    before = os.getcwd()
    os.chdir(path)
    try:
        for name in ("docs", "analyses"):
            Path(name).symlink_to(DOCS.parent / name)
        _write_events(Path("events.root"), 200)
        yield
    finally:
        os.chdir(before)


def _write_events(path: Path, n: int) -> None:
    """Write events with a few muons, electrons and jets, rounded so that they print the same everywhere."""
    rng = np.random.default_rng(7)
    lists = {}
    for name, mean, mass in (("Muon", 2, 0.1057), ("Electron", 1, 0.0005), ("Jet", 3, 8.0)):
        counts = rng.poisson(mean, n)
        total = int(counts.sum())
        columns = {
            "pt": np.round(rng.exponential(25, total) + 3, 1).astype(np.float32),
            "eta": np.round(rng.normal(0, 1.5, total), 2).astype(np.float32),
            "phi": np.round(rng.uniform(-3.14, 3.14, total), 2).astype(np.float32),
            "mass": np.full(total, mass, np.float32),
        }
        if name != "Jet":
            columns["charge"] = rng.choice([-1, 1], total).astype(np.int32)
        lists[name] = ak.unflatten(ak.zip(columns), counts)
    met = {
        "MET_pt": np.round(rng.exponential(20, n), 1).astype(np.float32),
        "MET_phi": np.round(rng.uniform(-3.14, 3.14, n), 2).astype(np.float32),
        "genWeight": rng.choice([-1.0, 1.0, 1.0], n).astype(np.float32),
    }
    write(path, {**identifiers(n), **lists, **met})
