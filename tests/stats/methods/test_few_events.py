"""Limits where backgrounds are counts of few: bounds at which -ln L is infinite, valleys that do not touch, no slopes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

import hzdsl as hz
from hzdsl.stats.combine.model import read_model
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.methods.asymptotic import limits
from hzdsl.stats.methods.impacts import impacts
from hzdsl.stats.methods.scans import scan
from hzdsl.stats.methods.statistics import without_signal
from hzdsl.stats.parameters import Normal, Parameter, Parameters
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Process, Shape, TemplateModel

CARD = """imax 1
jmax 1
kmax *
bin a
observation {observed}
bin a a
process s b
process 0 1
rate {signal} {rate}
bk gmN {count} - {alpha}
"""


def counted(folder: Path, observed: int, count: int, alpha: float, signal: float = 3) -> JointLikelihood:
    """A signal on a background that a control region tells: -ln L is infinite where this is expected to be empty."""
    path = folder / "card.txt"
    path.write_text(CARD.format(observed=observed, count=count, alpha=alpha, rate=count * alpha, signal=signal))
    return read_model(str(path)).likelihood()


def profiled(r: float, seen: float, counted: float, alpha: float, signal: float) -> float:
    """-ln L of counts, the background at its best, up to a constant."""

    def nll(nu: float) -> float:
        mean = r * signal + alpha * nu
        return mean - seen * math.log(mean) + nu - (counted * math.log(nu) if counted else 0.0)

    found = minimize_scalar(lambda u: nll(math.exp(u)), bounds=(-20, 8), method="bounded", options={"xatol": 1e-10})
    return float(found.fun)


@pytest.mark.parametrize(("observed", "count", "alpha"), [(5, 4, 1.0), (0, 2, 0.25), (2, 1, 1.0), (1, 10, 0.05)])
def test_limits_of_counted_backgrounds(tmp_path: Path, observed: int, count: int, alpha: float) -> None:
    """The median limit is where √q of the background's Asimov data is Φ⁻¹(1 - ½·0.05) (STATS §3.5)."""
    found = limits(counted(tmp_path, observed, count, alpha))
    background = (observed + count) / (1 + alpha)  # of a count of `count` expected ν, and of α ν
    seen, there = alpha * background, background

    def excess(r: float) -> float:
        rise = profiled(r, seen, there, alpha, 3) - profiled(1e-12, seen, there, alpha, 3)
        return math.sqrt(max(0.0, 2 * rise)) - norm.ppf(1 - 0.025)

    assert found.expected[2] == pytest.approx(brentq(excess, 1e-3, 40), rel=2e-3)
    assert found.observed is not None
    assert (np.diff(found.expected) > 0).all()


def test_a_scan_beyond_what_the_background_explains(tmp_path: Path) -> None:
    found = scan(counted(tmp_path, 5, 4, 1.0), {"r": [0.0, 6.0, 12.0, 18.0]})
    assert found.failed == 0
    assert (np.diff(found.minus_2_delta_ln_l[1:]) > 0).all()


def test_a_control_region_without_events(tmp_path: Path) -> None:
    """Its factor ends at 0, where it is held: intervals and shifts of all others are found."""
    likelihood = counted(tmp_path, 1, 0, 0.05, signal=1)
    result = fit(likelihood, minos=("r", "bk"))
    assert result.at_bounds == ("bk",)
    assert result.minos["bk"].high == pytest.approx(0.5 / 1.05, rel=0.1)
    assert "bk" in impacts(likelihood, "r").text()


def test_the_background_alone_is_looked_for_from_nominal_values_too() -> None:
    """Two valleys at r = 0: a best fit may lead into the shallower one."""
    shape = np.array([4.0, 1.0, 1.0, 4.0])
    up, down = np.array([3.0, -0.9, -0.9, -1.2]) * 8, np.array([-1.2, -0.9, -0.9, 3.0]) * 8
    background = Process("b", 10 * shape, shapes=(Shape("n", up, down),))
    signal = Process("s", np.array([30.0, 0.0, 0.0, 0.0]), factors=(Factor("r"),))
    counts = np.array([60.0, 5.0, 5.0, 62.0])
    parameters = Parameters([Parameter("r", 1.0, 0.0, 20.0, interest=True), Parameter("n", 0.0, constraint=Normal())])
    likelihood = TemplateLikelihood(TemplateModel((Channel("c", (signal, background), counts),), parameters))
    shallow = np.array([1.0, 0.5])
    least, other = (fit(likelihood, fixed={"r": 0.0}, start=x).minimum for x in (None, shallow))
    assert other > least + 0.5, "the test needs two valleys"
    found = without_signal(likelihood, "r", "without signal", start=shallow)
    assert likelihood.value(found) == pytest.approx(least, abs=1e-6)


def test_what_no_data_can_tell_apart() -> None:
    """A signal and a free background of one bin: neither is determined, however small -ln L's slopes are."""
    flat = Parameter("k", 1.0, 0.5, 2.0)
    parameters = Parameters([Parameter("r", 1.0, 0.0, 20.0, interest=True), flat])
    processes = (
        Process("s", np.array([4.0]), factors=(Factor("r"),)),
        Process("b", np.array([3.0]), factors=(Factor("k"),)),
    )
    result = fit(TemplateLikelihood(TemplateModel((Channel("c", processes, np.array([8.0])),), parameters)))
    assert set(result.flat) == {"r", "k"} or result.forced is not None
    assert not result.valid


def test_migrad_where_second_derivatives_vanish() -> None:
    """A bin that goes below 0 without a floor: no minimum, said in words (MIGRAD asked for what it was not given)."""
    background = Process("b", np.array([800.0]), shapes=(Shape("n", np.array([-200.0]), np.array([100.0])),))
    processes = (Process("s", np.array([700.0]), factors=(Factor("r"),)), background)
    parameters = Parameters([Parameter("r", 0.0, 0.0, 3.0, interest=True), Parameter("n", 0.5, constraint=Normal())])
    model = TemplateModel((Channel("c", processes, np.array([0.0])),), parameters)
    result = hz.stats.fit(TemplateLikelihood(model), method="migrad")
    assert result.status
