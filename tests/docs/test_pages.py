"""README.md and ARCHITECTURE.md: examples and commands run, and every file that they name is there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import hzdsl as hz
from hzdsl.cli.app import app
from hzdsl.demo import cache, samples
from hzdsl.errors import KINDS
from tests.errors.pages import folder

ROOT = Path(__file__).resolve().parents[2]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


#: The blocks of Python of the README: selecting events, and fitting.
SELECTS, FITS = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
CARD = """bin sr
observation 12
bin sr sr
process sig bkg
process 0 1
rate 4.0 9.0
lumi lnN 1.02 1.02
"""


def test_the_readme_builds() -> None:
    names: dict[str, Any] = {}
    exec(compile(SELECTS.replace("result = ana.run", "# result = ana.run"), "README.md", "exec"), names)
    assert [h.key for h in names["ana"].document().histograms] == ["signal/h_mass"]


def test_the_readme_fits(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    masses = np.concatenate([rng.normal(125, 2, 100), rng.uniform(105, 160, 900)])
    exec(compile(FITS, "README.md", "exec"), {"hz": hz, "GeV": hz.GeV, "masses": masses})
    assert "n_sig" in capsys.readouterr().out


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the analyses, and the files that README's commands and calls speak of."""
    here = tmp_path_factory.mktemp("readme")
    (here / "analyses").symlink_to(ROOT / "analyses")
    few = tuple(replace(s, generated=None if s.generated is None else 300) for s in samples.SAMPLES)
    with pytest.MonkeyPatch.context() as patch:
        for module in (cache, samples):
            patch.setattr(module, "SAMPLES", few)
        patch.setattr(samples, "Z_EXPECTED", 300.0)
        files = {f.path.stem: f.path for f in cache.generate_demo(here / "cache")}
    (here / "FILE.root").symlink_to(files["SMHiggsToZZTo4L"])
    (here / "DATA.root").symlink_to(files["Run2012B_DoubleMuParked"])
    (here / "card.txt").write_text(CARD)
    return here


COMMANDS = [
    line.partition("#")[0].partition(">")[0].split()[1:]
    for block in re.findall(r"```sh\n(.*?)```", read("README.md"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("hzdsl ")
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_commands_of_the_readme(command: list[str], checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order: the last runs what the one before it wrote."""
    monkeypatch.chdir(checkout)
    done = CliRunner().invoke(app, [*command, *(("--backend", "interpret") if command[0] == "run" else ())])
    assert done.exit_code == 0, done.output
    assert done.stdout
    assert "looks like" not in done.stderr


def test_the_readme_speaks_of_what_a_newcomer_needs() -> None:
    fits = {"fit", "significance", "combine", "datacard"}
    assert {c[0] for c in COMMANDS} == {"run", "show", "check", "plan", "help", "browse", "init", *fits}
    assert {"--data", "-o", "--format", "--set", "--events", "--json", "--plot"} <= {x for c in COMMANDS for x in c}


def test_the_calls_of_the_readme(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    names: dict[str, Any] = {}
    exec(SELECTS.replace("SMHiggsToZZTo4L.root", "FILE.root"), names)
    assert names["result"].notes == ()
    calls = re.findall(r"`print\((.*?)\)`", read("README.md"))
    assert len(calls) == 2
    for call in calls:
        assert len(eval(call, names).table.rows) == 10


NAMED = re.findall(r"`([\w./]+\.(?:py|toml|lark|csv|md|json)|[\w./]+/)(?:: (\w+))?`", read("ARCHITECTURE.md"))
TOPS = ("hzdsl", "docs", "tests", "tools", "analyses", "benchmarks")
PATHS = sorted(p.relative_to(ROOT) for top in TOPS for p in (ROOT / top, *(ROOT / top).rglob("*")))


def meant(named: str) -> list[Path]:
    """Return the files and folders that a name, or the end of a path, can mean."""
    return [p for p in PATHS if f"/{p}".endswith(f"/{named.rstrip('/')}") and p.suffix != ".pyc"]


@pytest.mark.parametrize(("named", "symbol"), sorted(set(NAMED)))
def test_what_architecture_names_is_there(named: str, symbol: str) -> None:
    if named == "cli/errors/CODE.md":
        named = "cli/errors/"
    found = meant(named)
    assert found, named
    if symbol:
        defined = re.compile(rf"^\s*(def {symbol}\(|class {symbol}\b|{symbol}\b.* = |.*\"{symbol}\")", re.MULTILINE)
        assert any(defined.search((ROOT / p).read_text(encoding="utf-8")) for p in found), f"{symbol} in {found}"


def test_architecture_names_every_room_and_its_folders() -> None:
    text = read("ARCHITECTURE.md")
    folders = {p.parent for p in PATHS if p.suffix == ".py" and p.parts[0] == "hzdsl"} - {Path("hzdsl")}
    assert [str(p) for p in sorted(folders) if f"`{p.name}/" not in text and f"/{p.name}/" not in text] == []


def test_lines_of_architecture_are_wrapped() -> None:
    long = [line for line in read("ARCHITECTURE.md").splitlines() if len(line) > 140 and not line.startswith("|")]
    assert long == []


def test_the_watch_of_the_page_on_batches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [c for c in re.findall(r"```python\n(.*?)```", read("docs/batch.md"), re.DOTALL) if "Watch" in c]
    with folder(tmp_path):
        exec(compile(code, "batch.md", "exec"), {})
    told = [line.split("'")[3] for line in capsys.readouterr().out.splitlines()]
    assert told == ["start", "opened", "plan", "unit", "end"]
    for event in told:
        assert f"| `{event}` |" in read("docs/batch.md")


def test_the_table_of_exit_statuses_on_the_page_on_batches() -> None:
    """A code that a row of the table names has the exit status that stands at its end."""
    table = read("docs/batch.md").partition("## What fails")[2].partition("Partial results")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    named = {
        code: row[-1].strip() for row in rows for code in re.findall(r"`([a-z-]+)`", " ".join(row)) if code in KINDS
    }
    assert {"output", "output-locked", "library-missing", "options", "memory"} <= named.keys()
    assert named == {code: str(KINDS[code].exit_status) for code in named}


def test_the_demo_installs_no_more_than_it_needs() -> None:
    rules = dict(re.findall(r"^([^\s:]+):(.*)$", read("Makefile"), re.MULTILINE))
    assert rules["demo"].split()[0] == "$(VENV)/.usable"
    (recipe,) = re.findall(r"^\$\(VENV\)/\.usable:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
    assert "-e .\n" in recipe
    assert rules["test"].split()[0] == rules["lint"].split()[0] == "$(VENV)/.installed"
