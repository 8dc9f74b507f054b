"""The run itself, killed while the workers of its cluster go on, and continued."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.run.muons import muon_file

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "analyses" / "dimuon" / "dimuon.toml"


def start(*args):
    command = [sys.executable, "-m", "hzdsl", "run", str(SPEC), "a.root", "-q", "--backend", "interpret", *args]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, **pipes)


def logged(name, event):
    """The events of one kind in a log, which may not be there yet, and whose last line may not be whole."""
    lines = Path(name).read_text().splitlines(keepends=True) if Path(name).exists() else []
    return [e for e in (json.loads(line) for line in lines if line.endswith("\n")) if e["event"] == event]


def test_a_run_that_was_killed_goes_on_with_the_same_bits(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    muon_file(tmp_path / "a.root", n=1600, seed=4, run=190_645)
    whole = start("--json")
    plain, said = whole.communicate(timeout=60)
    assert whole.returncode == 0, said
    command = ("--dask", cluster.scheduler_address, "--chunk-size", "16", "--checkpoint", "0", "--json", "--resume")
    end = time.monotonic() + 60
    p = start(*command, "--state", "kept", "--log", "killed.log")
    while not any(e["entries"] for e in logged("killed.log", "checkpoint")):
        assert p.poll() is None, p.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    p.kill()
    p.communicate()
    p = start(*command, "--state", "kept", "--log", "log")
    out, said = p.communicate(timeout=120)
    assert (p.returncode, said) == (0, "")
    assert out == plain
    (plan,) = logged("log", "plan")
    assert 0 < plan["done"] < plan["entries"] == 1600
