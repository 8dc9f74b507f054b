"""Damaged ADL ends in an error of ours with a place, never in one of Python's."""

from __future__ import annotations

import random

import pytest

import hzdsl as hz
from hzdsl.text import loads

from ..test_damage import damaged
from .test_equal import BLOCKS, LINES, OBJECTS, WHOLE

TEXTS = [
    WHOLE,
    OBJECTS + "\nregion sr\n" + "".join(f"  {line}\n" for line, _ in LINES),
    "\n".join(block.replace("object x", f"object x{i}") for i, (block, _) in enumerate(BLOCKS[:12])),
]
WORDS = ["object", "region", "select", "reject", "define", "composite", "take", "histo", "bin", "bins", "sort", "jets", "JET", "MUO[0]", "MET",
         "this", "pT", "m", "(", ")", "[", "]", "[]", "][", "{", "}", "|", "<", ">", "~=", "~!", "==", "and", "or", "not", "?", ":", "=", ",", "2",
         "0.5", "-1", "+", "*", "/", "^", "\n", "\n  ", "union", "comb", "disjoint", "size", "any", "sum", "dR", "x", '"t"', "#", "alias",
         "descend", "ALL", "trigger", "add", "_1", "."]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_mutations(seed: int) -> None:
    rng, refused = random.Random(seed), 0
    for _ in range(60):
        text = damaged(rng.choice(TEXTS).encode(), rng).decode(errors="replace")
        try:
            loads(text, "spec.adl")
        except hz.HzdslError as error:
            refused += 1
            assert error.place is not None, text
            assert str(error).startswith("error[")
    assert refused > 20


@pytest.mark.parametrize("seed", range(4))
def test_word_salad(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))
        text = f"object jets : JET\n  select {words}\nregion r\n  select {words}\ndefine y = {words}\n"
        try:
            loads(rng.choice([text, words]), "spec.adl")
        except hz.HzdslError as error:
            assert error.place is not None, text
            assert str(error).startswith("error[")


def test_a_sum_of_many_terms_and_a_long_file() -> None:
    text = "region r\n  select " + " + ".join(["MET"] * 10_000) + " > 3\n"
    assert len(loads(text, "spec.adl").document.regions[0].cuts) == 1
    many = "".join(f"define x{i} = x{i - 1} + 1\n" if i else "define x0 = 1\n" for i in range(2000))
    assert loads(many + "region r\n  select x1999 + MET > 3\n", "spec.adl").document.regions
