"""Records of templates check their own fields: what is wrong is said where one is made, or, of several, where they meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats import Channel, FinalStates, FloatingProduction, Norm, Process, Shape, Strength, Strengths
from hzdsl.stats.combine.physics import multi_signal
from hzdsl.stats.templates.model import Added, Factor, Gammas
from tests.stats.wrong_arguments import of_templates

R = hz.parameter("r", 1.0).node
STATES = {"4e": "4e"}


def process(**fields: Any) -> Process:
    return Process("s", [1.0, 4.0], **fields)  # type: ignore[arg-type]


#: What is wrong, and what of it is said; where only the model knows, the call makes one.
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "factor": (lambda: Factor(3), "the parameter of a factor: 3"),  # type: ignore[arg-type]
    "norm": (lambda: Norm(3, 1.1, 0.9), "the parameter of a factor: 3"),  # type: ignore[arg-type]
    "norm of NaN": (lambda: Norm("lumi", float("nan"), 1), "the factors of 'lumi'"),
    "norm of 0": (lambda: Norm("lumi", 1.1, 0.0), "give factors above 0"),
    "norm below 0": (lambda: Norm("lumi", -1.1, 0.9, "code4"), "give factors above 0"),
    "shape": (lambda: Shape(None, [1.0], [1.0]), "the parameter of a shape: None"),  # type: ignore[arg-type]
    "log": (lambda: Shape("a", [1.0], [1.0], log="yes"), "of logarithms: 'yes'"),  # type: ignore[arg-type]
    "gammas": (lambda: Gammas((1, None)), "the parameters of bins: (1, None)"),  # type: ignore[arg-type]
    "added names": (lambda: Added((1, None), [1.0, 2.0]), "added to bins: (1, None)"),  # type: ignore[arg-type]
    "added errors": (lambda: Added(("a", None), [1, "x"]), "the errors of what is added to bins"),  # type: ignore[arg-type]
    "added": (lambda: process(added=3), "what is added to process 's': 3"),
    "scale": (lambda: process(scale=2.0), "the scale of process 's': 2.0"),
    "bin_scales": (lambda: process(bin_scales=(1.0, 2.0)), "the factors of bins of process 's'"),
    "no bin_scales": (lambda: of_templates(process(bin_scales=())), "are 0 numbers for 2 bins"),
    "few bin_scales": (lambda: of_templates(process(bin_scales=(R,))), "are 1 numbers for 2 bins"),
    "signal": (lambda: process(signal="yes"), "signal of process 's': 'yes'"),
    "normalized": (lambda: process(normalized=1), "normalized of process 's': 1"),
    "few edges": (lambda: Channel("c", (process(),), [1.0, 2.0], edges=[0, 1]), "3 numbers for 2 bins"),  # type: ignore[arg-type]
    "edges": (lambda: Channel("c", (process(),), [1.0, 2.0], edges=[0, 2, 1]), "ascending"),  # type: ignore[arg-type]
    "mask": (lambda: Channel("c", (process(),), [1.0, 2.0], mask=3), "the mask of channel 'c': 3"),  # type: ignore[arg-type]
    "label": (lambda: Channel("c", (process(),), [1.0, 2.0], label=3), "the label of channel 'c': 3"),  # type: ignore[arg-type]
    "modes": (lambda: FloatingProduction("ggH"), "modes=('ggH', 'qqH')"),  # type: ignore[arg-type]
    "a mode": (lambda: FloatingProduction(("gluons",)), "one of ggH, qqH"),
    "bounds": (lambda: FloatingProduction(low=5, high=1), "the bounds of strengths: (5, 1)"),
    "a share of 0": (lambda: FinalStates(0, 0.3, STATES), "the predicted share of 4e: 0"),
    "too many shares": (lambda: FinalStates(0.6, 0.4, STATES), "below 1 in sum"),
    "a state": (lambda: FinalStates(0.2, 0.3, {"4e": "ee"}), "one of 4e, 4mu, 2e2mu"),
    "most of sigma": (lambda: FinalStates(0.2, 0.3, STATES, high=-1), "the bounds of sigma"),
    "a rule": (lambda: Strengths(["a:b"], [Strength("b")]), "a rule of strengths: 'a:b'"),  # type: ignore[list-item]
    "a pattern": (lambda: Strengths([("(", "b")], [Strength("b")]), "the pattern '(' cannot be read"),
    "a name of nothing": (lambda: Strengths([(".*", "a")], [Strength("b")]), "one of 0, 1, b"),
    "a map": (lambda: multi_signal(["x:r[3,0,2]"]), "the map 'x:r[3,0,2]': the value of r: 3.0"),
    "a map upside down": (lambda: multi_signal(["x:r[3,4,2]"]), "the map 'x:r[3,4,2]': the bounds of r: (4.0, 2.0)"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_refused(what: str) -> None:
    call, said = WRONG[what]
    with pytest.raises(HzdslError) as caught:
        call()
    assert said in str(caught.value)
    assert caught.value.fix


def test_linear_factors_may_be_any() -> None:
    assert Norm("lumi", 2.0, -0.5, "code0").down == -0.5


def test_strengths_start_within_their_bounds() -> None:
    assert FloatingProduction(low=2, high=5).parameters[0].value == 2
    assert FinalStates(0.2, 0.3, STATES, high=0.5).parameters[0].value == 0.5


def test_lists_are_tuples() -> None:
    """Names as a list were no key of a table."""
    two = tuple(Process(n, [1.0, 4.0], gammas=Gammas(["lumi", None])) for n in "ab")  # type: ignore[arg-type]
    assert two[0].gammas[0].parameters == ("lumi", None)
    added = Added(["lumi", None], [1, 2])  # type: ignore[arg-type]
    assert np.isfinite(of_templates(process(added=added)).value(np.array([1.0, 0.0])))


def test_expressions_of_bins_multiply_them() -> None:
    doubled = of_templates(process(bin_scales=(R, R))).expected(np.array([2.0, 0.0]))["sr"]["s"]
    np.testing.assert_array_equal(doubled, [2.0, 8.0])
