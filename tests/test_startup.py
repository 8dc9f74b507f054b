"""What is not imported before it is used: a start costs what it needs (benchmarks/startup.py measures it)."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.muons import muon_file

ROOT = Path(__file__).resolve().parents[1]
SPEC = ROOT / "analyses" / "higgs4l" / "higgs4l.toml"
#: Libraries that no ordinary run of the compiled backend needs.
ALWAYS_LATER = frozenset(
    {
        *("matplotlib", "mplhep", "hist", "boost_histogram", "numexpr", "dask", "distributed", "scipy", "pandas"),
        *("jsonschema", "rich", "tomlkit", "yaml", "correctionlib", "xgboost", "IPython", "lark", "hzdsl.stats"),
    }
)
FILES = {"uproot", "awkward", "fsspec", "pyarrow"}
TEXT = {"hzdsl.text"}
COMPILER = {"llvmlite", "hzdsl.backends"}
PAYLOADS = {"hzdsl.corrections", "hzdsl.text.adl"}


def imported(program: str, *arguments: str) -> set[str]:
    """Return the modules that a process has imported when a program ends, whatever the program prints."""
    ending = "import atexit, sys\natexit.register(lambda: print('\\n', *sys.modules, sep=' '))\n"
    command = [sys.executable, "-c", ending + program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


PYTHON = "import hzdsl as hz; ev = hz.events('nanoaod'); mu = ev.Muon[ev.Muon.pt > 5*hz.GeV]; hz.pair(mu).mass"


@pytest.mark.parametrize(
    ("program", "used", "later"),
    [
        ("import hzdsl", {"hzdsl.lang"}, FILES | TEXT | COMPILER | PAYLOADS | {"click", "tomllib"}),
        (PYTHON, {"hzdsl.io.schema"}, FILES | TEXT | COMPILER | PAYLOADS | {"click", "tomllib", "hzdsl.run"}),
        (f"import hzdsl; hzdsl.load({str(SPEC)!r})", TEXT, FILES | COMPILER | PAYLOADS | {"click", "hzdsl.run"}),
    ],
    ids=["import", "Python", "text"],
)
def test_an_analysis(program: str, used: set[str], later: set[str]) -> None:
    found = imported(program)
    assert used <= found
    assert (later | ALWAYS_LATER) & found == set()


@pytest.fixture
def nothing_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is known of any file yet."""
    monkeypatch.setenv("HZDSL_CACHE", str(tmp_path / "own"))


@pytest.mark.usefixtures("nothing_known")
def test_opening_a_file(tmp_path: Path) -> None:
    """What opens a file has no need of the compiler that may serve to read it, nor of uproot for one that is known."""
    program = "import sys, hzdsl; from hzdsl.io.opening import open_source; open_source(sys.argv[1]).close()"
    file = str(muon_file(tmp_path / "muons.root"))
    first, second = (imported(program, file) for _ in range(2))
    assert "uproot" in first
    assert FILES & second == set()
    for found in (first, second):
        assert {"llvmlite.binding", "hzdsl.backends", *TEXT, *PAYLOADS, *ALWAYS_LATER} & found == set()


COMMAND = "from hzdsl.cli import main; main()"


@pytest.mark.parametrize(
    ("arguments", "used", "later"),
    [
        (["--version"], {"click"}, {"hzdsl.text", "hzdsl.run", "hzdsl.backends", *ALWAYS_LATER}),
        (["show", str(SPEC)], {"hzdsl.text", "rich"}, {"hzdsl.backends.codegen", *(ALWAYS_LATER - {"rich"})}),
    ],
    ids=["version", "show"],
)
def test_a_command(arguments: list[str], used: set[str], later: set[str]) -> None:
    found = imported(COMMAND, *arguments)
    assert used <= found
    assert (later | FILES | PAYLOADS | {"llvmlite"}) & found == set()


SMALL = """
[regions.two]
require = ["count(Muon[pt > 5 GeV]) == 2"]
[[histogram]]
name = "pt"
expr = "Muon.pt"
bins = 4
range = [0, 40]
"""


@pytest.mark.usefixtures("nothing_known")
def test_a_run(tmp_path: Path) -> None:
    """The compiled backend needs neither the interpreter nor its libraries, nor uproot for ordinary trees it knows."""
    spec, file = tmp_path / "small.toml", muon_file(tmp_path / "muons.root")
    spec.write_text(SMALL)
    arguments = ("run", str(spec), str(file), "--json", "--backend", "codegen")
    first, found = (imported(COMMAND, *arguments) for _ in range(2))
    assert "uproot" in first
    assert {"llvmlite", "hzdsl.run", "hzdsl.text"} <= found
    assert FILES & found == set()
    assert {"hzdsl.backends.interpret", "hzdsl.plot", "hzdsl.demo", *PAYLOADS, *ALWAYS_LATER} & found == set()
    assert "importlib.metadata" not in found  # which reads more than the run does


INTERRUPTED = """
import os, signal, sys
class Importing:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            os.kill(os.getpid(), getattr(signal, number))
sys.meta_path.insert(0, Importing())
number = sys.argv.pop(2)
sys.argv = sys.argv[1:]
import hzdsl
"""


def interrupted(program: str, number: str = "SIGINT") -> subprocess.CompletedProcess[str]:
    """Import the package as a program of this name does, with Ctrl-C in the middle of it, or another signal."""
    command = [sys.executable, "-c", INTERRUPTED, program, number]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(("number", "status", "word"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated")])
@pytest.mark.parametrize("program", ["-m", "/usr/bin/hzdsl", str(ROOT / "hzdsl" / "__main__.py")])
def test_a_signal_while_the_command_line_is_imported(program: str, number: str, status: int, word: str) -> None:
    done = interrupted(program, number)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"{word}\n")


def test_an_interrupt_while_another_program_imports_the_package() -> None:
    done = interrupted("analysis.py")
    assert done.returncode != 130
    assert done.stderr.startswith("Traceback")
    done = interrupted("analysis.py", "SIGTERM")
    assert (done.returncode, done.stderr) == (-signal.SIGTERM, "")
