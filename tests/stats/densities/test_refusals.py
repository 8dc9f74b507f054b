"""What densities, parameters and observables refuse, and how they say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, cm
from hzdsl.errors import HzdslError

M = hz.observable("m", 105 * GeV, 160 * GeV)
U = hz.observable("u", 0, 10)
PT = hz.events("nanoaod").Muon.pt

REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "range": (lambda: hz.observable("m", 160 * GeV, 105 * GeV), "arguments", "in GeV: (160.0, 105.0)"),
    "range-unit": (lambda: hz.observable("m", 105 * GeV, 160 * cm), "unit", "not in GeV"),
    "range-without": (lambda: hz.observable("m", 105 * GeV, 160), "unit", "write 160*GeV"),
    "range-endless": (lambda: hz.observable("m", 0, float("inf")), "arguments", "a finite number"),
    "observable-name": (lambda: hz.observable("m 4l", 0, 1), "arguments", "'m 4l'"),
    "no-observable": (lambda: hz.pdf.gaussian(hz.parameter("a", 1.0), 1, 1), "arguments", "an observable is needed"),
    "a-branch": (lambda: hz.pdf.gaussian(PT, 1, 1), "arguments", "an observable is needed"),
    "sigma": (lambda: hz.pdf.gaussian(M, 125, -1 * GeV), "arguments", "the sigma of gaussian"),
    "sigma-zero": (lambda: hz.pdf.gaussian(M, 125, 0), "arguments", "is 0"),
    "sigma-starts": (lambda: hz.pdf.gaussian(M, 125, hz.parameter("s", 0 * GeV)), "arguments", "starts at 0"),
    "mean-unit": (lambda: hz.pdf.gaussian(M, 125 * cm, 2), "unit", "the mean of gaussian"),
    "mean-plain": (lambda: hz.pdf.gaussian(M, hz.parameter("a", 125.0), 2), "unit", "the mean of gaussian"),
    "slope-unit": (lambda: hz.pdf.exponential(M, -0.02 * GeV), "unit", "the slope of exponential"),
    "mean-nan": (lambda: hz.pdf.gaussian(U, float("nan"), 2), "arguments", "nan"),
    "mean-axis": (lambda: hz.pdf.gaussian(M, PT, 2), "axis", "varies along"),
    "n": (lambda: hz.pdf.crystal_ball(M, 125, 2, 1, 0), "arguments", "the n of crystal_ball"),
    "power-law": (lambda: hz.pdf.power_law(U, -2), "arguments", "begins at 0"),
    "no-coefficients": (lambda: hz.pdf.bernstein(U, []), "arguments", "1 or more"),
    "edges": (lambda: hz.pdf.step(U, [0, 5, 4, 10], [1, 2, 3]), "binning", "do not ascend"),
    "edges-inside": (lambda: hz.pdf.step(U, [1, 5, 10], [1, 2]), "binning", "runs from 0 to 10"),
    "contents-number": (lambda: hz.pdf.step(U, [0, 5, 10], [1, 2, 3]), "binning", "3 edges and 3 contents"),
    "contents-negative": (lambda: hz.pdf.step(U, [0, 5, 10], [1, -2]), "arguments", "1 contents of step are below 0"),
    "contents-nothing": (lambda: hz.pdf.step(U, [0, 5, 10], [0, 0]), "arguments", "all 0"),
    "contents-nan": (lambda: hz.pdf.step(U, [0, 5, 10], [0, np.nan]), "arguments", "1 that are not finite"),
    "sample": (lambda: hz.pdf.kde(U, [1.0, 1.0]), "arguments", "one value alone"),
    "sample-outside": (lambda: hz.pdf.kde(U, np.linspace(1e3, 1001, 9)), "arguments", "outside of the range"),
    "bandwidth": (lambda: hz.pdf.kde(U, [1.0, 2.0], bandwidth=-1), "arguments", "bandwidth"),
    "fractions": (lambda: hz.pdf.sum([hz.pdf.uniform(U)] * 3, [0.5]), "arguments", "give 2"),
    "sum-of-two": (lambda: hz.pdf.sum([hz.pdf.uniform(U), hz.pdf.uniform(M)], [0.5]), "arguments", "of one observable"),
    "no-density": (lambda: hz.pdf.sum([1, 2], [0.5]), "arguments", "takes densities"),
    "extended": (lambda: hz.pdf.extended(a=hz.pdf.uniform(U)), "arguments", "(yield, density)"),
    "extended-nothing": (lambda: hz.pdf.extended(), "arguments", "no process"),
    "yield": (lambda: hz.pdf.extended(a=(3 * GeV, hz.pdf.uniform(U))), "unit", "yield of 'a'"),
    "integral": (lambda: hz.pdf.uniform(U).integral(3, 2), "arguments", "runs from 3 to 2"),
    "integral-unit": (lambda: hz.pdf.uniform(M).integral(3, 200), "unit", "plain number"),
    "coarse": (lambda: hz.pdf.from_function(hz.exp(-((U - 5) ** 2) * 1e6), U), "arguments", "by 128 nodes is off by"),
    "negative": (lambda: hz.pdf.from_function(U - 9, U), "arguments", "by 128 nodes, is -40"),
    "not-a-row": (lambda: hz.pdf.from_function(hz.parameter("a", 1.0), U), "arguments", "a number for each row"),
    "nodes": (lambda: hz.pdf.voigt(U, 1, 1, 1, nodes=1), "arguments", "from 2 to 4096"),
    "value": (lambda: hz.parameter("a", "x"), "parameter", "'x'"),
    "value-nan": (lambda: hz.parameter("a", float("nan")), "parameter", "nan"),
    "bounds": (lambda: hz.parameter("a", 3.0, bounds=(4, 5)), "parameter", "outside its bounds"),
    "parameter-name": (lambda: hz.parameter("a b", 3.0), "parameter", "no expression could name"),
    "constraint": (lambda: hz.parameter("a", 3.0, constraint=0.1), "parameter", "hz.normal"),
    "constraint-sigma": (lambda: hz.parameter("a", 3.0, constraint=hz.normal(3, 0)), "parameter", "the sigma of"),
    "constraint-unit": (lambda: hz.parameter("a", 3.0, constraint=hz.normal(3, 1 * GeV)), "unit", "not in"),
    "count": (lambda: hz.parameter("a", 3.0, constraint=hz.counted(-1)), "parameter", "counted -1 times"),
    "step": (lambda: hz.parameter("a", 3.0, step=0), "parameter", "the step of"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, code, said = REFUSED[name]
    with pytest.raises(HzdslError) as error:
        call()
    assert error.value.code == code
    assert said in str(error.value)
    assert error.value.fix
    assert error.value.place is not None
    assert error.value.place.source == __file__
