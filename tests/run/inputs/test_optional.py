"""Branches that some files lack: `get(name, default)`."""

from __future__ import annotations

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import HzdslError, MeV
from hzdsl.io.schema import schema_from_table
from hzdsl.text import parse_expression
from tests.event_files import write

ev = hz.events("nanoaod")


def files(tmp_path) -> list[str]:
    with_all = {
        "run": np.ones(4, np.uint32),
        "HLT_IsoMu24": np.array([1, 0, 1, 1], bool),
        "genWeight": np.full(4, 2, "f4"),
    }
    without = {"run": np.ones(3, np.uint32)}
    return [str(write(tmp_path / "a.root", with_all)), str(write(tmp_path / "b.root", without))]


@pytest.mark.parametrize(("default", "passed"), [(False, 3), (True, 6)])
def test_a_trigger_that_one_file_lacks(tmp_path, backend, default, passed):
    ana = hz.Analysis("t")
    fired = ana.region("fired", ev.HLT.get("IsoMu24", default=default))
    ana.histogram("w", ev.get("genWeight", default=1.0), bins=3, range=(0.5, 3.5))
    ana.histogram("run", ev.run, bins=2, range=(0, 2), region=fired)
    result = ana.run(files(tmp_path), backend=backend)
    assert result.histograms["w"].counts.tolist() == [0, 3, 4, 0, 0]
    assert result.histograms["fired/run"].counts.sum() == passed


def test_without_default_it_is_missed(tmp_path):
    ana = hz.Analysis("t")
    ana.histogram("w", hz.where(ev.HLT.IsoMu24, 1, 0), bins=2, range=(0, 2))
    with pytest.raises(HzdslError, match="has no branch HLT_IsoMu24") as e:
        ana.run(files(tmp_path), backend="interpret")
    assert e.value.code == "branch-missing"
    assert "HLT_IsoMu24 (HLT_IsoMu24)" not in e.value.message
    assert e.value.fix is not None
    assert 'HLT.get("IsoMu24", default=False)' in e.value.fix


def test_two_defaults(tmp_path):
    ana = hz.Analysis("t")
    x, y = (ev.get("genWeight", default=d) for d in (1.0, 2.0))
    ana.histogram("w", x * y, bins=2, range=(0, 2))
    with pytest.raises(HzdslError, match="genWeight is given two defaults"):
        ana.run(files(tmp_path), backend="interpret")


def test_both_spellings_are_one_branch():
    assert ev.HLT.IsoMu24.node is ev.HLT_IsoMu24.node
    assert ev.HLT["IsoMu24"].node is ev["HLT_IsoMu24"].node
    assert ev.HLT.get("IsoMu24", default=False).node is ev.get("HLT_IsoMu24", default=False).node
    assert ev.HLT.get("IsoMu24", default=False).node is not ev.HLT.IsoMu24.node


def test_units_and_types_of_defaults(tmp_path, backend):
    schema = schema_from_table({"fields": {"run": "u32", "m": "f32 MeV", "n": "i32"}}, "mine")
    mine = hz.events(schema)
    ana = hz.Analysis("u", schema)
    ana.histogram("quantity", mine.get("m", default=500 * MeV), bins=4, range=(0, 1))
    ana.histogram("bare", mine.get("m", default=0.5), bins=4, range=(0, 1))
    ana.histogram("n", mine.get("n", default=-1), bins=4, range=(-2, 2))
    path = write(tmp_path / "m.root", {"run": np.ones(3, np.uint32)})
    found = ana.run(str(path), backend=backend).histograms
    assert [found[n].counts.tolist() for n in ("quantity", "bare", "n")] == [
        [0, 0, 0, 3, 0, 0],
        [0, 0, 0, 3, 0, 0],
        [0, 0, 3, 0, 0, 0],
    ]
    for name, default, code in (
        ("n", 1.5, "dtype"),
        ("n", True, "dtype"),
        ("m", 1 * hz.cm, "unit"),
        ("x", 1, "name-unknown"),
    ):
        with pytest.raises(HzdslError) as e:
            mine.get(name, default=default)
        assert e.value.code == code, (name, default)
    with pytest.raises(HzdslError, match="is bool, and its default 1 is not"):
        ev.HLT.get("IsoMu24", default=1)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("HLT.get('IsoMu24', default = false)", ev.HLT.get("IsoMu24", default=False)),
        ("ev.get('genWeight', default = 1.0)", ev.get("genWeight", default=1.0)),
        ("HLT.IsoMu24", ev.HLT_IsoMu24),
    ],
)
def test_text(text, written):
    assert parse_expression(text, ev).node is written.node
    assert parse_expression(str(written), ev).node is written.node
