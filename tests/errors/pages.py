"""The pages of error codes: their examples, run in a folder with a few small files.

A block of Python, of a document (``toml``, ``hz``: definitions), a datacard (``card``) or of a shell is followed by an ``error`` block where it
is refused, and by nothing where it is fine. `make docs` writes what is really said into the ``error`` blocks.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner

import hzdsl as hz
from hzdsl.cli.app import app
from hzdsl.errors import HzdslError
from hzdsl.stats.cards.reader import read_card
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.methods.asymptotic import limits
from tests.event_files import damage, write, write_trees
from tests.run.muons import identifiers, muon_file, muons
from tests.stats.likelihoods import counting

PAGES = Path(__file__).resolve().parents[2] / "hzdsl" / "cli" / "errors"
WORKSPACES = Path(__file__).resolve().parents[1] / "stats" / "roofit" / "data" / "written_by_root.root"
BLOCK = re.compile(r"```(python|toml|hz|card|sh)\n(.*?)```\n(?:\n?```error\n(.*?)```\n)?", re.DOTALL)
GOOD = """
[analysis]
name = "dimuon"
[regions.pair]
require = ["count(Muon[pt > 5 GeV]) == 2"]
[[histogram]]
name = "pt"
expr = "Muon.pt"
bins = 4
range = [0, 40]
region = "pair"
"""


@dataclass(frozen=True)
class Example:
    """One block of a page: its language, what stands in it, the message that the page shows (None: it is fine)."""

    language: str
    code: str
    shown: str | None


def examples(page: Path) -> list[Example]:
    return [Example(m[1], m[2], m[3]) for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]


@contextlib.contextmanager
def folder(path: Path) -> Iterator[None]:
    """Work in a folder with the files that the pages speak of."""
    before = os.getcwd()
    os.chdir(path)
    try:
        _write_files()
        yield
    finally:
        os.chdir(before)


def _write_files() -> None:
    """Write the files; ROOT files hold their own path, which is the same in any folder."""
    muons_root = muon_file(Path("muons.root"), n=50)
    write(Path("empty.root"), {k: v[:0] for k, v in {**identifiers(1), **muons(1)}.items()})
    whole = muons_root.read_bytes()
    Path("cut.root").write_bytes(whole[: len(whole) // 2])
    damage(muon_file(Path("damaged.root"), n=60, seed=2), "Muon_pt", 1)
    Path("page.root").write_text("<!DOCTYPE html><title>Please log in</title>")
    both = {key: {"x": np.ones(3, np.float32)} for key in ("nominal", "shifted")}
    write_trees(Path("trees.root"), both, {"h": np.histogram([1.0, 2.0], bins=2, range=(0, 4))})
    Path("dimuon.toml").write_text(GOOD)
    shutil.copyfile(WORKSPACES, "workspaces.root")


def names() -> dict[str, Any]:
    """Return what Python blocks start with: the units, the events and their collections, an analysis, likelihoods."""
    ev = hz.events("nanoaod")
    start = {"hz": hz, "ev": ev, "mu": ev.Muon, "el": ev.Electron, "jet": ev.Jet, "met": ev.MET}
    return {**start, **{u: getattr(hz, u) for u in ("GeV", "MeV", "cm", "pb", "fb")}, "ana": hz.Analysis("dimuon")} | {
        "fit": fit,
        "limits": limits,
        "counting": counting,
    }


def said(example: Example) -> str | None:
    """Return what hzdsl says of an example, None where it has nothing against it."""
    try:
        return READERS[example.language](example.code)
    except HzdslError as error:
        return f"{error}\n"


def _python(code: str) -> None:
    linecache.cache["analysis.py"] = (len(code), None, code.splitlines(keepends=True), "analysis.py")
    try:
        exec(compile(code, "analysis.py", "exec"), names())
    finally:
        del linecache.cache["analysis.py"]
        if sys.modules.get("pandas", linecache) is None:  # a block says that it is not installed
            del sys.modules["pandas"]


def _document(code: str) -> None:
    Path("analysis.toml").write_text(code, encoding="utf-8")
    hz.load("analysis.toml")


def _definitions(code: str) -> None:
    Path("analysis.toml").write_text(f'define = """\n{code}"""\n', encoding="utf-8")
    hz.load("analysis.toml")


def _card(code: str) -> None:
    Path("card.txt").write_text(code, encoding="utf-8")
    read_card("card.txt")


def _shell(code: str) -> str | None:
    errors = io.StringIO()
    for line in code.splitlines():
        command, *arguments = shlex.split(line)
        assert command == "hzdsl"
        result = CliRunner().invoke(app, arguments)
        if result.exit_code:
            errors.write(result.stderr)
    return errors.getvalue() or None


READERS = {"python": _python, "toml": _document, "hz": _definitions, "card": _card, "sh": _shell}


def rewritten(page: Path) -> str:
    """Return the text of a page with what is really said in its ``error`` blocks."""

    def block(m: re.Match[str]) -> str:
        message = said(Example(m[1], m[2], m[3]))
        example = f"```{m[1]}\n{m[2]}```\n"
        return example if message is None else f"{example}```error\n{message}```\n"

    return BLOCK.sub(block, page.read_text(encoding="utf-8"))
