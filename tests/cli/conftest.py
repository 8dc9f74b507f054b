from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hzdsl.cli.app import app
from tests.run.muons import muon_file

ROOT = Path(__file__).resolve().parents[2]

SPEC = """
luminosity = "100 / pb"
parameters.min_pt = { default = "5 GeV", bounds = [0, 50], doc = "least pt" }
define = "good = Muon[pt > min_pt and abs(eta) < 2.4]"

[analysis]
name = "dimuon"

[regions.pair]
require = [{ "two muons" = "count(good) == 2" }, "sum(good.charge) == 0"]
[regions.every]
require = []

[[histogram]]
name = "pt"
expr = "good.pt"
bins = 4
range = [0, 40]
region = "pair"
[[histogram]]
name = "n"
expr = "count(good)"
bins = 3
range = [0, 3]

[[outputs]]
name = "n_good"
expr = "count(good)"
[[outputs]]
name = "lead"
expr = "good.leading().pt"
region = "pair"

[[sample]]
name = "zz"
file = "zz.root"
role = "background"
xsec = 0.5
nevt = 1000
[[sample]]
name = "seen"
file = "seen.root"
role = "data"
channels = ["pair"]
"""

PROGRAM = """
import hzdsl as hz
from hzdsl import GeV
ev = hz.events("nanoaod")
ana = hz.Analysis("dimuon")
good = ev.Muon[(ev.Muon.pt > 5*GeV) & (abs(ev.Muon.eta) < 2.4)]
pair = ana.region("pair", hz.count(good) == 2)
ana.histogram("n", hz.count(good), bins=3, range=(0, 3))
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with two files, a spec, a program; the current folder."""
    muon_file(tmp_path / "zz.root", n=400, seed=4)
    muon_file(tmp_path / "seen.root", n=60, seed=5, run=190_645)
    (tmp_path / "dimuon.toml").write_text(SPEC)
    (tmp_path / "dimuon.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hzdsl():
    """Run a command in this process: ``hzdsl("run", "a.toml", status=0)`` gives its result."""

    def invoke(*args, status: int = 0):
        result = CliRunner().invoke(app, [str(a) for a in args])
        assert result.exit_code == status, (result.exit_code, result.stdout, result.stderr)
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def process():
    """Start a command as a process of its own."""
    started = []

    def start(*args, terminal="dumb", **options):
        command = [sys.executable, "-m", "hzdsl", *map(str, args)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": terminal}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        started.append(subprocess.Popen(command, env=environment, text=True, **pipes))
        return started[-1]

    yield start
    for p in started:
        p.kill()
        p.communicate()
