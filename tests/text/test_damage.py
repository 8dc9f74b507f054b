"""Damaged documents end in an error of ours, never in one of Python's, and never take long."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.text import load, loads

HIGGS = Path(__file__).resolve().parents[2] / "analyses" / "higgs4l" / "higgs4l.toml"
PIECES = ["(", ")", "[", "]", '"', "'", "=", "\n", "#", "*", "**", "9", "1e9", ".", ",", " and ", "not ", "Muon", "pt", "-", "é", "\0", "~",
          "5 GeV", "{", "}", "|", "<", "true", "inf", "[0]", ".pt", "z1(", "99999999999999999999", "/0", "\\"]  # fmt: skip


def damaged(text: bytes, rng: random.Random) -> bytes:
    """Return the text with a few pieces deleted, doubled, replaced or put in."""
    data = bytearray(text)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        end = min(len(data), at + rng.choice([1, 1, 2, 5, 40]))
        kind = rng.randrange(4)
        if kind == 0:
            del data[at:end]
        elif kind == 1:
            data[at:at] = data[at:end]
        elif kind == 2:
            data[at : at + 1] = bytes([rng.randrange(256)])
        else:
            data[at:at] = rng.choice(PIECES).encode()
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_mutations(seed: int, tmp_path: Path) -> None:
    text, rng = HIGGS.read_bytes(), random.Random(seed)
    path = tmp_path / "spec.toml"
    refused = 0
    for _ in range(50):
        path.write_bytes(damaged(text, rng))
        try:
            load(path)
        except hz.HzdslError as error:
            refused += 1
            assert str(error).startswith("error[")
    assert refused > 20


WORDS = ["Muon", "pt", "5 GeV", "2", "0.5", "(", ")", "[", "]", "+", "-", "*", "/", "%", "**", "<", ">", "==", "and", "or", "not", "~", "&", "|",
         "<<", "count", "pair", "sqrt", "any", "all", "sum", "max", ".", ",", "mass", "MET", "leg1", "sort", "nearest", "ev", "GeV", "true",
         "abs", "where", "delta_r", "'s'", "charge", "[0]", ".pt", "p4", "otherwise", "assign", "=", "x", ":", "exists", "per", "vector"]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_word_salad(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(400):
        text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 9)))
        try:
            loads(f"define = '''x = {text}'''\n")
        except hz.HzdslError as error:
            assert str(error).startswith("error[")


@pytest.mark.parametrize(
    "text",
    ["9**9**9**9", "2**100000000", "1 << 10**9", "'a'*10**9", "(-1)**0.5", "1/0", "5 % 0", "1e308*10 - inf", "10**30", "(5 GeV)**0.5**0.5",
     "(-5 GeV)**0.5", "Muon[inf]", "Muon[true]", "Muon[1.5]", "Muon[-1]", "Muon['x']", "Muon[1:0]", "Muon[-1:]", "Muon.pt.bit(1.5)",
     "Muon.pdgId.bit(Muon.pdgId)", "combinations(Muon, 0)", "combinations(Muon, -1)", "combinations(Muon, 10**6)", "vector(1, 2)", "pair()",
     "MET + MET", "MET == MET", "ev + 1", "ev", "ev == ev", "(1, 2) + 1", "Muon.assign(pt = Muon)", "Muon.assign(p4 = 1)", "where(Muon, 1, 2)",
     "count(1)", "count(MET)", "any(1)", "sum(Muon)", "max('a')", "abs('a')", "abs(Muon)", "Muon.sort()", "Muon.argmin()", "Muon.argmax(Muon)",
     "Muon.per(1)", "Muon.per(Muon).pt", "Muon - 1", "1 - Muon", "-Muon", "not Muon", "Muon and Muon", "Muon < Muon", "pair(Muon, 1)",
     "Muon.nearest(Muon)", "Muon.pt.otherwise(Muon)", "Muon.pt.between(1, 2, 3)", "nearer(1, 2, 3)", "clip(Muon.pt, Muon, 1)", "Muon.leg1",
     "MET.mass", "PV.pt", "delta_r(1, 2)", "delta_r(MET, MET)", "Muon.p4 + 1", "Muon.p4 * 2", "5 GeV == 5 GeV", "5 GeV + true", "sqrt()"],
)  # fmt: skip
def test_odd_expressions(text: str) -> None:
    try:
        loads(f"define = '''x = {text}'''\n[[outputs]]\nname = 'x'\nexpr = '''{text}'''\n")
    except hz.HzdslError as error:
        assert error.place is not None
