"""README.md and ARCHITECTURE.md: the example builds, and every file that they name is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_builds() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code.replace("result = ana.run", "# result = ana.run"), "README.md", "exec"), names)
    assert [h.key for h in names["ana"].document().histograms] == ["signal/h_mass"]


NAMED = re.findall(r"`([\w./]+\.(?:py|toml|lark|csv|md|json)|[\w./]+/)(?:: (\w+))?`", read("ARCHITECTURE.md"))
TOPS = ("hzdsl", "docs", "tests", "tools", "analyses")
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
