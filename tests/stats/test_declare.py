"""Parameters as users write them are the records that likelihoods have."""

from __future__ import annotations

from math import inf

import pytest

import hzdsl as hz
from hzdsl import GeV, MeV
from hzdsl.errors import HzdslError
from hzdsl.ir.units import parse_unit
from hzdsl.stats.declare import parameter_of, parameters_in
from hzdsl.stats.parameters import Counted, Normal


def test_everything_that_is_said_of_a_parameter() -> None:
    mass = hz.parameter(
        "mass", 5.3 * GeV, bounds=(5000 * MeV, None), constraint=hz.normal(5.28 * GeV, 12 * MeV, 0.02), step=1 * MeV,
        fixed=True, interest=True, groups=["shape"], doc="of the B",
    )  # fmt: skip
    found = parameter_of(mass.node)
    assert (found.name, found.value, found.low, found.high) == ("mass", 5.3, 5.0, inf)
    assert found.constraint == Normal(5.28, 0.012, 0.02)
    assert (found.fixed, found.interest, found.step, found.groups) == (True, True, 0.001, ("shape",))
    assert (found.unit, found.doc) == (parse_unit("GeV"), "of the B")


def test_a_parameter_of_analyses_is_one_too() -> None:
    found = parameter_of(hz.param("n", 3, bounds=(0, 10)).node)
    assert (found.value, found.low, found.high, found.constraint) == (3.0, 0.0, 10.0, None)


def test_a_count_of_a_parameter_with_a_unit() -> None:
    found = parameter_of(hz.parameter("rate", 2 / GeV, constraint=hz.counted(20, scale=10 * GeV)).node)
    assert found.constraint == Counted(20, 10)


def test_an_integer_starts_a_number() -> None:
    assert (hz.parameter("n", 3) / 2).node.type.dtype.value == "f64"


def test_the_same_twice_is_one() -> None:
    one, again = (hz.parameter("a", 1.0, bounds=(0, 2)) for _ in range(2))
    assert one.node is again.node
    assert parameters_in([(one + again).node]).names == ("a",)


def test_two_of_one_name_are_told_apart() -> None:
    one, other = hz.parameter("a", 1.0), hz.parameter("a", 1.0, bounds=(0, 2))
    with pytest.raises(HzdslError, match=r"'a' is defined twice: low -inf and 0\.0; high inf and 2\.0"):
        parameters_in([(one + other).node])
