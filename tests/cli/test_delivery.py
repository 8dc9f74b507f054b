"""What stands in a folder after a run that is interrupted, or fails, while its result is delivered."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hzdsl.errors import HzdslError
from hzdsl.interrupts import Terminated
from hzdsl.io.sinks import together, write_text
from hzdsl.plot import pages as drawn_pages
from hzdsl.plot.model import header_of
from tests.cli.conftest import ROOT

QUICK = ("--backend", "interpret")


def everything(folder="."):
    return {str(p): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


@pytest.fixture
def drawing(monkeypatch):
    """Have the second plot of a run end as is said."""
    draw, begun = drawn_pages.draw_page, []

    def ending(raised):
        def draw_page(*given):
            begun.append(given)
            if len(begun) == 2:
                raise raised
            return draw(*given)

        monkeypatch.setattr(drawn_pages, "draw_page", draw_page)

    yield ending
    assert len(begun) >= 2


ENDS = [(KeyboardInterrupt(), 130, "interrupted"), (Terminated(), 143, "terminated")]


@pytest.mark.parametrize(("raised", "status", "word"), ENDS)
def test_a_folder_is_of_one_run(here, hzdsl, drawing, raised, status, word):
    hzdsl("run", "dimuon.toml", "-o", "out", "--plot", "plots", *QUICK)
    before = everything()
    drawing(raised)
    given = ("run", "dimuon.toml", "-o", "out", "--plot", "plots", "--set", "min_pt=9GeV", *QUICK)
    done = hzdsl(*given, status=status)
    assert "cutflow" in done.stdout  # the numbers have been printed
    said = "nothing of the result is written to out, plots, where all is as before: the same command runs it again"
    assert f"{said}\n" in done.stderr
    assert done.stderr.endswith(f"\n{word}\n")
    assert everything() == before


def test_a_new_folder_is_not_made_by_half(here, hzdsl, drawing):
    drawing(KeyboardInterrupt())
    hzdsl("run", "dimuon.toml", "-o", "out", *QUICK, status=130)
    assert not Path("out").exists()


def test_what_was_kept_is_delivered_without_reading(here, hzdsl, drawing):
    kept = ("run", "dimuon.toml", "-o", "out", "--checkpoint", 0, "--chunk-size", 100, *QUICK)
    drawing(KeyboardInterrupt())
    said = hzdsl(*kept, status=130).stderr
    assert "the same command with --resume writes it, and reads no event again" in said
    assert {p.name for p in Path("out").iterdir()} == {"partial"}
    again = hzdsl(*kept, "--resume", "--log", "log")
    assert "note: going on from 460 of 460 events" in again.stderr
    assert '"unit"' not in Path("log").read_text()
    assert json.loads(Path("out/result.json").read_text())["complete"]


def test_a_disk_that_becomes_full_while_plots_are_written(here, hzdsl, monkeypatch):
    hzdsl("run", "dimuon.toml", "-o", "out", *QUICK)
    before = everything("out")
    write, written = Path.write_bytes, []

    def full(path, content):
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    said = hzdsl("run", "dimuon.toml", "-o", "out", "--set", "min_pt=9GeV", *QUICK, status=3).stderr
    assert "cannot be written (No space left on device)" in said
    assert "then the same command runs it again" in said
    assert everything("out") == before


def test_files_come_together_or_not_at_all(tmp_path):
    (tmp_path / "a").write_text("old")

    def fail():
        with together() as files:
            write_text(tmp_path / "a", "new", files.path)
            write_text(tmp_path / "no" / "b", "new", files.path)

    with pytest.raises(HzdslError, match="no/b cannot be written"):
        fail()
    assert everything(tmp_path) == {str(tmp_path / "a"): b"old"}


def test_files_are_written_though_nobody_reads(here):
    """`hzdsl run … | head -1`: the numbers are printed before the files are written."""
    command = [sys.executable, "-m", "hzdsl", "run", "dimuon.toml", "--events", "e.csv", *QUICK]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
    assert Path("e.csv").exists()


@pytest.mark.parametrize(("options", "place"), [((), "dimuon.partial.json"), (("--log", "a.log"), "a.partial.json")])
def test_a_stopped_run_without_outputs(here, process, options, place):
    _stop(process, *options)
    made = json.loads(Path(place).read_text())
    assert not made["complete"]
    assert made["events"] > 0


def test_a_stopped_run_prints_its_document(here, process):
    out, err = _stop(process, "--json")
    assert json.loads(out)["complete"] is False
    assert "partial results (no plots): standard output" in err
    assert not list(Path().glob("*.partial.json"))


def _stop(process, *options):
    """Stop a run when it has kept something."""
    slow = ("--chunk-size", 1, "--checkpoint", 0, "--state", "kept")
    p = process("run", "dimuon.toml", *options, *slow, *QUICK)
    end = time.monotonic() + 60
    while not Path("kept/state.hzs").exists():
        assert p.poll() is None, p.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 130, err
    return out, err


def test_a_resumed_run_says_so(here, hzdsl):
    said = "note: nothing has been kept of an earlier run: this one begins with the first event\n"
    assert said in hzdsl("run", "dimuon.toml", "--state", "kept", "--resume", *QUICK).stderr
    assert said not in hzdsl("run", "dimuon.toml", "--state", "kept", "--resume", "-q", *QUICK).stderr


def test_an_experiment_is_that_of_its_samples(here, hzdsl, monkeypatch):
    spec = Path("dimuon.toml").read_text().replace('name = "dimuon"', 'name = "dimuon"\nexperiment = "CMS Open Data"')
    Path("dimuon.toml").write_text(spec)
    shutil.copy("zz.root", "mine.root")
    shown = []
    monkeypatch.setattr(drawn_pages, "header_of", lambda *given: shown.append(header_of(*given)) or shown[-1])
    for file in ("mine.root", "zz.root"):
        hzdsl("run", "dimuon.toml", file, "--plot", "plots", *QUICK)
    assert [h.experiment for h in shown] == ["", "", "CMS Open Data", "CMS Open Data"]
