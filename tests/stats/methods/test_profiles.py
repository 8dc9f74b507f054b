"""Scans, contours, impacts, breakdown, tables, envelopes: parabolas, whose answers are linear algebra."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats.fits.crossing import Interval
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.fits.yields import postfit, prefit
from hzdsl.stats.methods.breakdown import breakdown
from hzdsl.stats.methods.compatibility import Separated, compatibility
from hzdsl.stats.methods.diagnostics import diagnostics
from hzdsl.stats.methods.envelope import Envelope, envelope
from hzdsl.stats.methods.impacts import impacts
from hzdsl.stats.methods.nuisances import correlations, nuisance_table
from hzdsl.stats.methods.propagation import propagated
from hzdsl.stats.methods.scans import centers_of_bins, contour, scan, usual_range
from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from tests.stats.likelihoods import Function, Templates, counting, on_off, r_of, thirty


def parabola(covariance, center=None, groups=(), constrained=()) -> Function:
    """A normal likelihood: r and nuisance parameters, of which some are constrained besides."""
    matrix = np.linalg.inv(covariance)
    center = np.zeros(len(covariance)) if center is None else np.asarray(center, float)
    names = [Parameter("r", interest=True)] + [
        Parameter(n, groups=groups[i] if groups else (), step=1.0, constraint=Normal() if n in constrained else None)
        for i, n in enumerate(f"n{k}" for k in range(1, len(covariance)))
    ]
    return Function(
        Parameters(names),
        lambda x: 0.5 * (x - center) @ matrix @ (x - center),
        lambda x: matrix @ (x - center),
        lambda x: matrix,
    )


COVARIANCE = np.array([[1.0, 0.3, -0.5], [0.3, 0.8, 0.1], [-0.5, 0.1, 0.9]])


def test_scan_of_a_parabola() -> None:
    grid = centers_of_bins(-3, 3, 6)
    found = scan(parabola(COVARIANCE), {"r": grid})
    assert found.minus_2_delta_ln_l == pytest.approx(grid**2, abs=1e-8)
    assert found.profiled[:, 1] == pytest.approx(0.3 * grid, abs=1e-6)
    assert (found.intervals[0].low, found.intervals[1].high) == pytest.approx((-1.0, 1.959964), abs=1e-4)
    assert found.failed == 0
    assert json.loads(found.to_json())["minus_2_delta_ln_l"][0] == pytest.approx(6.25)


def test_scan_of_two_parameters() -> None:
    found = scan(parabola(COVARIANCE), {"r": [-1.0, 0.0, 2.0], "n1": [0.0, 1.0]})
    inverse = np.linalg.inv(COVARIANCE[:2, :2])
    for i, r in enumerate(found.grid[0]):
        for j, n in enumerate(found.grid[1]):
            v = np.array([r, n])
            assert found.minus_2_delta_ln_l[i, j] == pytest.approx(v @ inverse @ v, abs=1e-8)


def test_the_best_fit_is_a_point_of_a_scan() -> None:
    found = scan(parabola(COVARIANCE, [0.2, 0.0, 0.0]), {"r": [-1.0, 0.0, 1.0]}, with_best=True)
    assert found.grid[0] == pytest.approx([-1.0, 0.0, 0.2, 1.0], abs=1e-6)
    assert found.minus_2_delta_ln_l[2] == pytest.approx(0.0, abs=1e-12)
    assert len(scan(parabola(COVARIANCE, [9.0, 0.0, 0.0]), {"r": [-1.0, 0.0, 1.0]}, with_best=True).grid[0]) == 3


def test_the_range_that_is_worth_a_scan() -> None:
    """Three errors of the profile, which differ on both sides, within bounds."""
    likelihood = on_off(9, 1e6, 1e6, Parameter("mu", 9.0, 0.0, 40.0, interest=True))
    best = fit(likelihood).values
    found = fit(likelihood, minos=["mu"]).minos["mu"]
    low, high = usual_range(likelihood, best, "mu")
    assert high == pytest.approx(found.value + 3 * found.plus, rel=1e-6)
    assert low == max(0.0, found.value - 3 * found.minus)


def test_statistical_uncertainties_alone() -> None:
    """What is constrained stays: the curve rises as if it were known."""
    found = scan(parabola(COVARIANCE, constrained=("n2",)), {"r": [-1.0, 0.0, 1.0]}, statistical=True)
    inverse = np.linalg.inv(np.linalg.inv(COVARIANCE)[:2, :2])
    assert found.statistical is not None
    assert found.statistical.minus_2_delta_ln_l == pytest.approx([1 / inverse[0, 0], 0, 1 / inverse[0, 0]], rel=1e-6)
    assert "statistical alone" in found.text()
    assert scan(parabola(COVARIANCE), {"r": [-1.0, 0.0, 1.0]}, statistical=True).statistical is None


def test_a_deeper_minimum_begins_the_scan_again() -> None:
    """Of two valleys the fit finds that at 0, the scan the deeper one at 4."""

    def value(x):
        return 0.5 * x[0] ** 2 * (x[0] - 4.0) ** 2 - 0.5 * x[0] + 0.5 * x[1] ** 2

    wells = Function(
        Parameters([Parameter("r", 0.0, -2.0, 6.0, interest=True), Parameter("n")]),
        value,
        lambda x: [x[0] * (x[0] - 4.0) * (2 * x[0] - 4.0) - 0.5, x[1]],
        lambda x: [[6 * x[0] ** 2 - 24 * x[0] + 16, 0.0], [0.0, 1.0]],
    )
    shallow = fit(wells).values
    assert shallow[0] < 1
    found = scan(wells, {"r": np.linspace(-1, 5, 25)}, best=shallow, with_best=True)
    assert found.best[0] == pytest.approx(4.03, abs=0.01)
    assert np.nanmin(found.minus_2_delta_ln_l) == pytest.approx(0.0, abs=1e-9)
    assert found.deeper == 1
    assert "the scan was begun again from there" in found.text()


def test_failed_points_are_counted() -> None:
    """A likelihood that is not a number beyond 1."""
    root = Function(
        Parameters([Parameter("r", interest=True), Parameter("n")]),
        lambda x: np.sqrt(1 - x[0]) + x[0] ** 2 + x[1] ** 2,
        lambda x: [-0.5 / np.sqrt(1 - x[0]) + 2 * x[0], 2 * x[1]],
        lambda x: [[2 - 0.25 * (1 - x[0]) ** -1.5, 0], [0, 2.0]],
    )
    found = scan(root, {"r": [0.0, 0.5, 2.0]})
    assert found.failed == 1
    assert np.isnan(found.minus_2_delta_ln_l[2])
    assert "1 of 3 points failed and are not counted" in found.text()


def test_correlations_are_of_what_has_an_error() -> None:
    """Not of a parameter at its bound."""
    likelihood = on_off(3, 40, 1.0, Parameter("mu", 1.0, 0.0, 40.0, interest=True))
    result = fit(likelihood)
    assert result.at_bounds == ("mu",)
    assert "mu" not in correlations(result).names


def test_progress_is_told() -> None:
    told = []
    scan(parabola(COVARIANCE), {"r": [0.0, 1.0]}, progress=lambda *args: told.append(args))
    assert told == [(1, 2, "points of the scan"), (2, 2, "points of the scan")]


def test_contour_is_an_ellipse() -> None:
    found = contour(parabola(COVARIANCE, [1.0, 2.0, 3.0]), ("r", "n2"), points=8)
    inverse = np.linalg.inv(COVARIANCE[np.ix_([0, 2], [0, 2])])
    away = found.points - np.array([1.0, 3.0])
    assert 0.5 * np.einsum("ki,ij,kj->k", away, inverse, away) == pytest.approx(np.full(8, 1.1479), rel=1e-3)


def test_contour_at_a_bound() -> None:
    likelihood = on_off(12, 10, 2, r_of(1.0, 0.0, 100.0))
    found = contour(likelihood, ("r", "b"), points=12)
    assert found.failed == 0
    assert found.points[:, 0].min() >= 0.0


def test_impacts_of_a_parabola() -> None:
    """The shift of r is its covariance with a parameter over the error of that: ρσ."""
    found = impacts(parabola(COVARIANCE), names=["n1", "n2"])
    assert [i.nuisance.name for i in found.impacts] == ["n2", "n1"]
    for i, expected in zip(found.impacts, (-0.5 / np.sqrt(0.9), 0.3 / np.sqrt(0.8)), strict=True):
        assert (i.up["r"], i.down["r"]) == pytest.approx((expected, -expected), abs=1e-4)
        assert i.approximate["r"] == pytest.approx(expected, abs=1e-6)
    assert not found.failed


def test_impacts_are_refits() -> None:
    """Against a fit with the parameter fixed at the end of its MINOS interval."""
    likelihood = thirty(nuisances=6)
    result = fit(likelihood, minos=("shape1",))
    (found,) = impacts(likelihood, "r", names=["shape1"], result=result).impacts
    refit = fit(likelihood, fixed={"shape1": result.minos["shape1"].high})
    assert found.up["r"] == pytest.approx(refit.value("r") - result.value("r"), abs=1e-5)


def test_breakdown_adds_up() -> None:
    likelihood = parabola(COVARIANCE, groups=[("a",), ("b",)])
    found = breakdown(likelihood, "r", {"a": ["n1"], "b": ["n2"]})
    conditional = 1 / np.linalg.inv(COVARIANCE)[0, 0]
    assert found.in_turn["statistical"] == pytest.approx((np.sqrt(conditional),) * 2, rel=1e-4)
    for side in (0, 1):
        assert sum(v[side] ** 2 for v in found.in_turn.values()) == pytest.approx(found.total[side] ** 2, rel=1e-6)
    without_a = COVARIANCE[np.ix_([0, 2], [0, 2])] - np.outer(COVARIANCE[[0, 2], 1], COVARIANCE[1, [0, 2]]) / 0.8
    assert found.alone["a"][0] == pytest.approx(np.sqrt(1 - without_a[0, 0]), rel=1e-4)


def test_groups_are_those_of_the_parameters() -> None:
    likelihood = thirty(nuisances=6)
    found = breakdown(likelihood)
    assert list(found.in_turn) == ["norms", "shapes", "statistical"]
    of_groups = impacts(likelihood).groups
    assert of_groups["norms"]["r"] == pytest.approx(found.alone["norms"], rel=1e-6)


def test_nuisance_table() -> None:
    likelihood = on_off(20, 10, 2)
    table = {n.name: n for n in nuisance_table(fit(likelihood)).rows}
    b = table["b"]
    assert (b.before, b.before_error) == pytest.approx((5.0, np.sqrt(10) / 2))
    assert b.kind == "counted 10, expected 2 times it"
    assert (b.pull, b.constraint) == pytest.approx((0.0, 1.0), abs=1e-5)
    assert table["r"].doc == "signal strength"
    assert np.isnan(table["r"].pull)


def test_pulls_of_both_definitions() -> None:
    likelihood = thirty(nuisances=3)
    result = fit(likelihood)
    row = nuisance_table(result).rows[2]
    assert row.pull == pytest.approx(result.values[2])
    assert row.pull_of_difference == pytest.approx(result.values[2] / np.sqrt(1 - result.errors[2] ** 2))


def test_strongest_correlations() -> None:
    found = correlations(fit(parabola(COVARIANCE)), shown=2)
    assert found.strongest[0][:2] == ("r", "n2")
    assert found.strongest[0][2] == pytest.approx(-0.5 / np.sqrt(0.9), abs=1e-6)


def test_yields_before_and_after() -> None:
    """One bin, r free: after the fit the total is the count, its error √n."""
    likelihood = counting(5.0, 8.0, 20.0)
    after = postfit(likelihood, fit(likelihood)).channels["bin"]
    assert (after["total"].sum, after["total"].sum_error) == pytest.approx((20.0, np.sqrt(20)), rel=1e-5)
    assert after["background"].sum_error == 0.0
    before = prefit(on_off(20, 10, 2)).channels["bin"]
    assert before["background"].sum_error == pytest.approx(np.sqrt(10) / 2, rel=1e-6)


def test_propagated_with_correlations() -> None:
    """What is expected elsewhere from shared parameters, and from one of its own."""
    here = on_off(20, 10, 2)
    result = fit(here)

    def model(x):
        back, jac = 3 * x[1:2] + x[2:3], np.array([[0.0], [3.0], [1.0]])
        return {"signal": x[:1], "background": back}, {"signal": np.array([[1.0], [0], [0]]), "background": jac}, None

    own = Parameter("own", 2.0, constraint=Normal(2.0, 0.5))
    there = Templates(Parameters([*here.parameters, own]), np.zeros(1), model)
    found = propagated(result, there).channels["bin"]
    assert found["total"].sum == pytest.approx(result.value("r") + 3 * result.value("b") + 2.0)
    slope = np.array([1.0, 3.0])
    assert found["total"].sum_error == pytest.approx(np.sqrt(slope @ result.covariance @ slope + 0.25), rel=1e-6)
    with pytest.raises(HzdslError, match="share no parameter"):
        propagated(fit(parabola(COVARIANCE)), on_off(1, 1, 1, Parameter("mu", 1.0, 0, 10, interest=True)))


@pytest.mark.parametrize("method", [propagated, lambda result, likelihood: impacts(likelihood, result=result)])
def test_a_fit_without_covariance_is_refused_in_one_way(method) -> None:
    likelihood = on_off(20, 10, 2)
    with pytest.raises(HzdslError, match="the fit has no covariance") as refused:
        method(fit(likelihood, covariance=False), likelihood)
    assert refused.value.code == "fit"


def test_a_fit_that_failed_is_not_gone_on_with() -> None:
    line = Function(Parameters([r_of(low=-np.inf, high=np.inf)]), lambda x: -x[0], lambda x: [-1.0], lambda x: [[0.0]])
    with pytest.raises(HzdslError, match="the fit of the data failed: not converged"):
        breakdown(line)


def test_envelope_takes_the_lowest() -> None:
    """Two parabolas: of the envelope the interval is the outermost of both."""
    left, right = parabola(np.eye(2)), parabola(np.eye(2), [1.5, 0.0])
    found = envelope({"left": left, "right": right}, [-1.0, 0.0, 1.5, 2.0])
    assert found.minus_2_delta_ln_l == pytest.approx([1.0, 0.0, 0.0, 0.25], abs=1e-8)
    assert found.chosen == ("left", "left", "right", "right")
    assert (found.interval.low, found.interval.high) == pytest.approx((-1.0, 2.5), abs=1e-4)


def test_an_envelope_where_every_fit_failed() -> None:
    curves = {"a": np.array([0.0, np.nan, np.nan]), "b": np.array([np.nan, 1.0, np.nan])}
    found = Envelope("r", np.arange(3.0), curves, "a", Interval("r", 0.0, -1.0, 1.0), {})
    np.testing.assert_array_equal(found.minus_2_delta_ln_l, [0.0, 1.0, np.nan])
    assert found.chosen == ("a", "b", "")
    assert "4 of 6 points failed" in found.text()


def test_envelope_with_a_penalty() -> None:
    few, many = parabola(np.eye(2)), parabola(np.eye(4), [1.5, 0, 0, 0])
    found = envelope({"few": few, "many": many}, [0.0], penalty=1.0)
    assert found.best == "few"
    assert found.interval.high == pytest.approx(1.0, abs=1e-4)


def two_channels(n, several=False) -> Templates:
    """Signals of two bins, one r for both or one for each."""
    s, b = np.array([5.0, 4.0]), np.array([10.0, 20.0])
    names = ["r_first", "r_second"] if several else ["r"]

    def model(x):
        each = x if several else np.repeat(x, 2)
        jac = np.diag(s) if several else s[None, :]
        k = len(jac)
        return {"s": each * s, "b": b}, {"s": jac, "b": np.zeros((k, 2))}, lambda w: np.zeros((k, k))

    return Templates(Parameters([replace(r_of(low=-1.0), name=name) for name in names]), np.asarray(n, float), model)


def test_compatibility_of_channels() -> None:
    n = np.array([25.0, 20.0])
    found = compatibility(
        two_channels(n),
        lambda o: Separated(two_channels(o.channels["bin"], True), {"first": "r_first", "second": "r_second"}),
    )
    assert found.channels["first"].value == pytest.approx(3.0, abs=1e-5)
    assert found.channels["second"].value == pytest.approx(0.0, abs=1e-5)
    lam = np.array([10.0, 20.0]) + found.common.value * np.array([5.0, 4.0])
    assert found.chi2 == pytest.approx(2 * float((lam - n - n * np.log(lam / n)).sum()), rel=1e-6)
    assert found.ndf == 1


def test_a_constraint_that_counts_nothing() -> None:
    p = Parameter("b", 0.5, 1e-9, constraint=Counted(0.0, 2.0))
    table = nuisance_table(fit(on_off(5, 0, 2).with_parameters(Parameters([r_of(), p])))).rows
    assert table[1].before_error == 0.5


def test_diagnostics_of_both_fits() -> None:
    likelihood = thirty(nuisances=3)
    found = diagnostics(likelihood)
    assert found.valid
    assert found.background.value("r") == 0.0
    assert found.signal.minos["r"].complete
    assert found.background.minimum > found.signal.minimum
    counts = likelihood.counts().sum()
    assert found.after_signal.channels["bin"]["total"].sum == pytest.approx(counts, rel=0.05)
    titles = [t.title for t in found.tables()]
    assert titles[:2] == ["fit", "nuisance parameters"]
    assert titles[2:] == ["before the fit: bin", "after the fit of background: bin", "after the fit with signal: bin"]
    assert json.loads(found.to_json())["signal"]["status"] == "valid"


def test_correlations_are_found_once_for_a_table(monkeypatch) -> None:
    found = diagnostics(thirty(nuisances=3), shapes=False)
    matrix, asked = found.signal.correlation, []
    monkeypatch.setattr(FitResult, "correlation", property(lambda result: asked.append(result) or matrix))
    table = found.tables()[1]
    assert [row[-1] for row in table.rows] == [f"{rho:+.3f}" for rho in matrix[0, 1:]]
    assert len(table.rows) == 3
    assert len(asked) == 1
