"""README.md and ARCHITECTURE.md: the example builds, and every file that they name is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_builds() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code.replace("result = ana.run", "# result = ana.run"), "README.md", "exec"), names)
    assert [h.key for h in names["ana"].document().histograms] == ["signal/h_mass"]
