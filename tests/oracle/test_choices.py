"""Functions that an index chooses (RooMultiPdf): minima of each of them, with its correction, as RooFit finds them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hzdsl.stats.combine.model import read_model
from hzdsl.stats.fits.fit import fit
from tests.oracle.test_workspaces import run

pytestmark = pytest.mark.oracle
CARD = """imax 1
jmax 1
kmax 0
shapes sig rows {file} w:sig
shapes bkg rows {file} w:multi
shapes data_obs rows {file} w:rows
bin rows
observation -1
bin rows rows
process sig bkg
process 0 1
rate 20 1
index discrete
"""


def test_minima(tmp_path: Path) -> None:
    file, minima = tmp_path / "choices.root", tmp_path / "minima.json"
    run("root_write_choices.py", str(file), str(minima))
    card = tmp_path / "card.txt"
    card.write_text(CARD.format(file=file))
    likelihood = read_model(str(card)).likelihood()
    said = json.loads(minima.read_text())
    for index, r, value in said:
        assert fit(likelihood, fixed={"index": index, "r": r}).minimum == pytest.approx(value, abs=2e-5)
    for r in {r for _, r, _ in said}:
        least = np.min([value for _, at, value in said if at == r])
        assert fit(likelihood, fixed={"r": r}).minimum == pytest.approx(least, abs=2e-5)
