"""Channels that a parameter switches off: as if they were not there."""

from __future__ import annotations

import numpy as np
import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.stats.declare import parameter_nodes, parameter_of
from hzdsl.stats.densities.binned import BinnedChannel, BinnedPart
from hzdsl.stats.densities.model import UnbinnedChannel, UnbinnedModel
from hzdsl.stats.densities.part import UnbinnedPart
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.likelihood import Observation, Rows
from hzdsl.stats.methods.goodness import goodness
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.parts import JointLikelihood

DATA = {
    "rows": Rows({"x": np.array([1.0, 4.0, 4.5, 9.0])}, np.array([1.0, 2.0, 1.0, 0.5])),
    "bins": np.array([2.0, 5.0, 1.0]),
}
MASKS = {"rows": "mask_rows", "bins": "mask_bins"}


def likelihood(masks: dict[str, str]) -> JointLikelihood:
    x, n = hz.observable("x", 0, 10), hz.parameter("n", 5.0, bounds=(0, None))
    mean, slope = hz.parameter("mean", 4.0, constraint=hz.normal(4.0, 0.5)), hz.parameter("slope", 0.1)
    rows = UnbinnedChannel("rows", hz.pdf.extended(peak=(n, hz.pdf.gaussian(x, mean, 1.0))))
    density = hz.pdf.extended(falling=(2 * n, hz.pdf.exponential(x, slope)))
    bins = BinnedChannel("bins", density, np.array([0.0, 3.0, 6.0, 10.0]))
    declared = [parameter_of(p) for p in parameter_nodes([rows.nll, bins.nll]).values()]
    parameters = Parameters([*declared, *(Parameter(m, 0.0, 0.0, 1.0, fixed=True) for m in MASKS.values())])
    observation = Observation(dict(DATA), parameters.centers)
    parts = [UnbinnedPart(UnbinnedModel((rows,)), observation, masks), BinnedPart((bins,), masks)]
    return JointLikelihood(parts, parameters, observation)


@pytest.mark.parametrize("masked", [(), ("rows",), ("bins",), ("rows", "bins")])
def test_a_masked_channel_says_nothing(masked: tuple[str, ...]) -> None:
    shown, bare = likelihood(MASKS), likelihood({})
    names = shown.parameters.names
    at = {"n": 4.3, "mean": 3.6, "slope": 0.2}
    x = np.array([at.get(n, float(n.removeprefix("mask_") in masked)) for n in names])
    moved = x.copy()
    if "bins" in masked:
        moved[names.index("slope")] = 0.9
    assert shown.value(moved) == shown.value(x)
    gone = {"rows": {"mean"}, "bins": {"slope"}}
    pull = (at["mean"] - 4.0) / 0.5**2  # of the constraint, which stays
    found, slopes = shown.value_and_gradient(x)
    _, every = bare.value_and_gradient(x)
    for name, k in ((n, k) for k, n in enumerate(names) if n in ("mean", "slope")):
        off = any(name in gone[c] for c in masked)
        wanted = (pull if name == "mean" else 0.0) if off else every[k]
        assert slopes[k] == pytest.approx(wanted, rel=1e-10, abs=1e-12)
    assert np.isfinite(shown.hessian(x)).all()
    if not masked:
        assert found == pytest.approx(bare.value(x), rel=1e-14)
    spread = shown.score_covariance(x)
    assert (spread[names.index("slope"), names.index("slope")] == 0) == ("bins" in masked)
    k = names.index("mean")
    assert (spread[k, k] == pytest.approx(1 / 0.5**2)) == ("rows" in masked)


def with_masked(likelihood: JointLikelihood, *masked: str) -> JointLikelihood:
    changes = {MASKS[c]: {"value": 1.0} for c in masked}
    return likelihood.with_parameters(likelihood.parameters.changed(changes))


@pytest.mark.parametrize("masked", [(), ("rows",), ("bins",)])
def test_channels_that_count_are_those_that_are_not_masked(masked: tuple[str, ...]) -> None:
    made = with_masked(likelihood(MASKS), *masked)
    x = made.parameters.values
    assert made.shown(x) == tuple(c for c in ("rows", "bins") if c not in masked)
    assert set(made.cumulative(x)) == {"rows"} - set(masked)
    assert set(goodness(made, "ks").observed) == {"rows", "bins"} - set(masked)
    assert likelihood({}).shown(x) == ("rows", "bins")


def test_rows_without_an_order_can_be_left_out() -> None:
    """A test of distributions asks nothing of a channel that is masked, and refuses it where it is not."""
    x, s, n = hz.observable("x", 0, 10), hz.observable("s", 0.5, 2.0), hz.parameter("n", 5.0, bounds=(0, None))
    wide = UnbinnedChannel("rows", hz.pdf.extended(peak=(n, hz.pdf.gaussian(x, 4.0, s))))
    flat = UnbinnedChannel("bins", hz.pdf.extended(flat=(2 * n, hz.pdf.uniform(x))))
    model = UnbinnedModel((wide, flat))
    parameters = Parameters([*model.parameters, *(Parameter(m, 0.0, 0.0, 1.0, fixed=True) for m in MASKS.values())])
    data = {"rows": Rows({"x": np.array([4.0]), "s": np.array([1.0])}), "bins": Rows({"x": np.array([1.0, 5.0, 6.0])})}
    observation = Observation(dict(data), parameters.centers)
    both = JointLikelihood([UnbinnedPart(model, observation, MASKS)], parameters, observation)
    with pytest.raises(HzdslError, match="rows of channel 'rows' have no order"):
        goodness(both, "ks")
    found = goodness(with_masked(both, "rows"), "ks")
    assert found.observed == {"bins": pytest.approx(0.4, abs=1e-12)}
    assert fit(with_masked(both, "rows")).value("n") == pytest.approx(1.5, abs=1e-6)
