"""Every code has its line in docs/errors.md, under its exit status; and every code is used."""

from __future__ import annotations

import re
from pathlib import Path

from hzdsl.errors import DATA, KINDS

ROOT = Path(__file__).resolve().parents[2]


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    data, spec = page.split("## The analysis")
    listed = dict.fromkeys(re.findall(r"^\| `([\w-]+)`", data, re.M), DATA)
    listed |= dict.fromkeys(re.findall(r"^\| `([\w-]+)`", spec, re.M), 4)
    assert listed == {code: kind.exit_status for code, kind in KINDS.items()}


def test_every_code_is_used() -> None:
    sources = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "hzdsl").rglob("*.py") if p.name != "errors.py")
    unused = [code for code in KINDS if f'"{code}"' not in sources]
    assert unused == []
