"""What ``python analysis.py`` prints of an error: the user's lines, none of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = "import hzdsl as hz\nev = hz.events()\n"


def ended(tmp_path: Path, program: str, **environment: str) -> str:
    (tmp_path / "ana.py").write_text(START + program)
    known = {k: x for k, x in os.environ.items() if k != "HZDSL_DEBUG"}
    done = subprocess.run(
        [sys.executable, "ana.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr


def test_the_users_line_alone(tmp_path):
    said = ended(tmp_path, "good = ev.Muon[ev.Muon.pt > 5]\n")
    assert said.splitlines()[0] == "error[unit]: Muon.pt is in GeV, 5 is a plain number"
    assert "ana.py:3\n    good = ev.Muon[ev.Muon.pt > 5]\n                   ^^^^" in said
    assert "Traceback" not in said
    assert str(ROOT / "hzdsl") not in said


def test_the_calls_that_led_there(tmp_path):
    said = ended(tmp_path, "def good():\n    return ev.Muon[ev.Muon.pt > 5]\n\ngood()\n")
    assert said.startswith("Traceback (most recent call last):\n")
    assert "line 6, in <module>\n    good()" in said
    assert said.count("return ev.Muon[ev.Muon.pt > 5]") == 1
    assert "ana.py:4" in said
    assert str(ROOT / "hzdsl") not in said


def test_other_errors_and_debugging_as_ever(tmp_path):
    assert "ZeroDivisionError" in ended(tmp_path, "1 / 0\n")
    assert "ValueError: mine" in ended(
        tmp_path, "try:\n    ev.Muon.pt > 5\nexcept hz.HzdslError:\n    raise ValueError('mine')\n"
    )
    assert str(ROOT / "hzdsl") in ended(tmp_path, "ev.Muon.pt > 5\n", HZDSL_DEBUG="1")


def test_a_hook_of_the_users_stays(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.excepthook = lambda *a: print('mine', file=sys.stderr)\n"
    )
    said = ended(tmp_path, "ev.Muon.pt > 5\n", PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}")
    assert said == "mine\n"
