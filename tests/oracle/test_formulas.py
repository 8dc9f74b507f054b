"""Random formulas by RooFormulaVar."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.oracle.test_workspaces import run
from tests.stats.formulas import random_formula, value

pytestmark = pytest.mark.oracle


def test_random_formulas(tmp_path: Path) -> None:
    rng = random.Random(20261128)
    cases = [(random_formula(rng), rng.uniform(0.1, 3), rng.uniform(0.1, 0.9)) for _ in range(250)]
    (tmp_path / "in.json").write_text(json.dumps(cases))
    run("root_formulas.py", str(tmp_path / "in.json"), str(tmp_path / "out.json"))
    said = json.loads((tmp_path / "out.json").read_text())
    assert sum(x is not None for x in said) > 200  # TFormula does not compile all that C++ would, such as some ?:
    for (text, a, b), expected in zip(cases, said, strict=True):
        if expected is not None:
            found = value(text, {"uno": a, "duo": b})
            assert found == pytest.approx(float(expected), rel=1e-11, abs=1e-13, nan_ok=True), (text, a, b)
