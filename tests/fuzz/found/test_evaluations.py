"""Faults of the plain-Python evaluation, which all hunts rely on."""

from __future__ import annotations

from hzdsl.backends.base import Program
from hzdsl.ir import members
from hzdsl.ir.node import make
from tests.backends.operations import pairs
from tests.backends.ragged import collection, random_chunk
from tests.fuzz.check import compare


def test_a_product_with_a_union_of_pairs_and_single_objects() -> None:
    """A member of the union made of one particle leaves the second place empty: what follows stays in its own."""
    axis = make("product", members.union(pairs(), collection("Jet")), collection("Muon"), collection("Jet"))
    assert compare(Program(dumps=(make("self", axis),)), random_chunk(701, 40)).differences == ()
