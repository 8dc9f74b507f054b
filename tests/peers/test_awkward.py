"""Reductions, choices, orders and combinations as awkward has them, on extreme integers, NaN, infinities and -0."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hzdsl.ir import build, members
from hzdsl.ir.node import Node, make
from tests.backends.ragged import collection, column, random_chunk
from tests.peers.jagged import dump, equal, stored

CHUNK = random_chunk(7, 400)
MUON, JET = collection("Muon"), collection("Jet")
INTEGER = ("i32", "i64", "u32", "u64")
NUMERIC = (*INTEGER, "f32", "f64")


def muon(attr: str) -> Node:
    return column("Muon", attr)


def without_nan(array: Any) -> Any:
    return array[~np.isnan(array)]


@pytest.mark.parametrize("dtype", INTEGER)
@pytest.mark.parametrize("op", ["sum", "prod"])
def test_sums_of_integers_wrap_in_64_bits(op: str, dtype: str) -> None:
    theirs = getattr(ak, op)(stored(f"{dtype}_a", CHUNK), axis=1)
    assert equal(dump(make(op, muon(f"{dtype}_a")), CHUNK), theirs)


@pytest.mark.parametrize("op", ["sum", "prod"])
def test_sums_of_f64_are_in_order(op: str) -> None:
    """awkward, too, adds the elements of a list one after the other."""
    theirs = getattr(ak, op)(stored("f64_s", CHUNK), axis=1)
    assert equal(dump(make(op, muon("f64_s")), CHUNK), theirs)


def test_sums_of_bool_count() -> None:
    assert equal(dump(make("sum", muon("bool_a")), CHUNK), ak.sum(stored("bool_a", CHUNK), axis=1))


@pytest.mark.parametrize("dtype", NUMERIC)
@pytest.mark.parametrize("op", ["min", "max"])
def test_extremes_without_nan(op: str, dtype: str) -> None:
    """Of equal zeros hzdsl takes the first; awkward does not say: compared as numbers."""
    theirs = getattr(ak, op)(without_nan(stored(f"{dtype}_a", CHUNK)), axis=1)
    ours = dump(make(op, muon(f"{dtype}_a")), CHUNK)
    assert ak.to_list(ours) == ak.to_list(theirs)


def test_intended_difference_extremes_of_nothing_but_nan_are_missing() -> None:
    """Both ignore NaN; of a list of nothing else awkward gives the infinity that it started from."""
    x = stored("f64_t", CHUNK)
    ours, theirs = dump(make("min", muon("f64_t")), CHUNK), ak.min(x, axis=1)
    only = (ak.num(x) > 0) & ak.all(np.isnan(x), axis=1)
    assert ak.to_list(ours[~only]) == ak.to_list(theirs[~only])
    assert ak.any(only)
    assert ak.all(ak.is_none(ours[only]))
    assert not ak.any(ak.is_none(theirs[only]))


@pytest.mark.parametrize("direction", ["argmin", "argmax"])
@pytest.mark.parametrize("attr", [*(f"{d}_a" for d in INTEGER), "i32_t", "f32_s", "f64_s"])
def test_choices_take_the_first_at_ties(direction: str, attr: str) -> None:
    place = members.place(members.pick(MUON, (muon(attr),), direction))
    assert equal(dump(place, CHUNK), getattr(ak, direction)(stored(attr, CHUNK), axis=1))


def test_intended_difference_choices_never_take_nan() -> None:
    x = stored("f64_t", CHUNK)
    ours = dump(members.place(members.pick(MUON, (muon("f64_t"),), "argmin")), CHUNK)
    theirs = ak.argmin(x, axis=1)
    first = ak.singletons(theirs)
    assert ak.any(np.isnan(ak.flatten(x[first])))
    assert not ak.any(np.isnan(ak.flatten(x[ak.singletons(ours)])))


def test_conditions_and_counts() -> None:
    condition = stored("bool_a", CHUNK)
    assert equal(dump(make("any", muon("bool_a")), CHUNK), ak.any(condition, axis=1))
    assert equal(dump(members.every(muon("bool_a")), CHUNK), ak.all(condition, axis=1))
    assert equal(dump(make("count", MUON), CHUNK), ak.num(condition))
    assert equal(dump(members.count(muon("bool_a")), CHUNK), ak.sum(condition, axis=1))


def test_places() -> None:
    assert equal(dump(members.place(make("self", MUON)), CHUNK), ak.local_index(stored("f32_a", CHUNK)))


@pytest.mark.parametrize("attr", ["i32_a", "i64_t", "u64_a", "f32_s", "i32_t"])
def test_orders_are_stable(attr: str) -> None:
    order = members.order(MUON, (muon(attr),))
    place = members.take(members.place(make("self", MUON)), build.lift(make("self", MUON), order))
    x = stored(attr, CHUNK)
    assert equal(dump(place, CHUNK), ak.argsort(x, stable=True))
    assert equal(dump(build.lift(muon(attr), order), CHUNK), ak.sort(x, stable=True))


def test_intended_difference_nan_is_sorted_last() -> None:
    x, order = stored("f64_t", CHUNK), members.order(MUON, (muon("f64_t"),))
    ours = ak.to_list(dump(build.lift(muon("f64_t"), order), CHUNK))
    for one in ours:
        numbers = [v for v in one if v == v]
        assert one[: len(numbers)] == sorted(numbers)
        assert all(v != v for v in one[len(numbers) :])
    assert ours != ak.to_list(ak.sort(x))


@pytest.mark.parametrize("n", [2, 3])
def test_combinations(n: int) -> None:
    axis = make("choose", MUON, n=n)
    theirs = ak.combinations(stored("i64_a", CHUNK), n)
    for k, leg in enumerate(ak.unzip(theirs)):
        assert equal(dump(members.take(muon("i64_a"), make("leg", axis, k=k)), CHUNK), leg)


def test_products() -> None:
    axis = make("product", MUON, JET)
    theirs = ak.cartesian([stored("i64_a", CHUNK), stored("i64_a", CHUNK, "Jet")])
    ours = [column(owner, "i64_a") for owner in ("Muon", "Jet")]
    for k, leg in enumerate(ak.unzip(theirs)):
        assert equal(dump(members.take(ours[k], make("leg", axis, k=k)), CHUNK), leg)


def test_intended_difference_a_product_of_one_collection_never_pairs_an_object_with_itself() -> None:
    ours = dump(make("count", make("product", MUON, MUON)), CHUNK)
    theirs = ak.num(ak.cartesian([stored("i64_a", CHUNK)] * 2))
    assert equal(ours, theirs - ak.num(stored("i64_a", CHUNK)))


def test_selections_and_all_of_another() -> None:
    selected = members.select(MUON, muon("bool_a"))
    assert equal(dump(build.lift(muon("i64_a"), selected), CHUNK), stored("i64_a", CHUNK)[stored("bool_a", CHUNK)])
    per = make("per", JET, MUON)
    nested = ak.cartesian([stored("i64_a", CHUNK), stored("i64_a", CHUNK, "Jet")], nested=True)
    ours = dump(make("sum", members.take(column("Jet", "i64_a"), make("under", per))), CHUNK)
    assert equal(ours, ak.sum(ak.unzip(nested)[1], axis=2))


def test_sums_of_f32_are_in_f32_and_in_order() -> None:
    """As RVec's and awkward's; NumPy adds pairwise."""
    x = stored("f32_s", CHUNK)
    ours = dump(make("sum", muon("f32_s")), CHUNK)
    in_order = [float(np.cumsum(np.array([0, *one], np.float32), dtype=np.float32)[-1]) for one in ak.to_list(x)]
    assert ak.to_list(ours) == in_order
    assert equal(ours, ak.sum(x, axis=1))
    many = np.random.default_rng(1).random(4096).astype(np.float32)
    assert np.cumsum(many, dtype=np.float32)[-1] != np.sum(many)
