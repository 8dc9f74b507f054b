"""Products that find second derivatives together: the same matrix as one product for each column."""

from __future__ import annotations

import numpy as np
import pytest

from hzdsl.stats.parameters import Counted, Normal, Parameter, Parameters
from hzdsl.stats.products import Products, one_by_one
from hzdsl.stats.sparsity import Home, columns_together
from hzdsl.stats.templates.likelihood import TemplateLikelihood
from hzdsl.stats.templates.model import Channel, Factor, Gammas, Norm, Process, TemplateModel

BINS = 4
CHANNELS = ("a", "b", "c")
#: Everywhere, in one channel, in one bin (two in the first), and nowhere.
HOMES: dict[str, Home | None] = {
    "r": (),
    **{f"n_{c}": (c,) for c in CHANNELS},
    **{f"g_{c}{b}": (c, b) for c in CHANNELS for b in range(BINS)},
    "h_a0": ("a", 0),
    "m_b": ("b",),
    "alone": None,
}


def meet(one: str, other: str) -> bool:
    """Whether two parameters have a second derivative: one place is within the other, or they are the same."""
    a, b = HOMES[one], HOMES[other]
    if a is None or b is None:
        return one == other
    return a[: len(b)] == b[: len(a)]


def of(products: Products, matrix) -> np.ndarray:
    """Return a matrix as its products find it."""
    return products.matrix(np.array([matrix[:, list(members)].sum(axis=1) for members in products.members]))


def test_a_matrix_with_the_zeros_of_channels_and_bins() -> None:
    """Whatever its elements, and in whatever order parameters come."""
    rng = np.random.default_rng(4)
    for _ in range(5):
        names = [str(n) for n in rng.permutation(list(HOMES))]
        random = rng.normal(size=(len(names), len(names)))
        matrix = np.where([[meet(i, j) for j in names] for i in names], random + random.T, 0.0)
        acting = [(name, home) for name, home in HOMES.items() if home is not None]
        together = columns_together(acting, Parameters(Parameter(n) for n in names))
        np.testing.assert_array_equal(of(one_by_one(len(names)), matrix), matrix)
        np.testing.assert_array_equal(of(together, matrix), matrix)
        assert sorted(k for members in together.members for k in members) == list(range(len(names)))
        # r; two in channel b, which the others and what is nowhere share; two in bin 0 of a, which all bins share
        assert len(together.members) == 1 + 2 + 2


@pytest.mark.parametrize("other", [("y", 0), ("x", 1)], ids=["channels", "bins"])
def test_a_parameter_of_two_places_meets_what_is_in_both(other: Home) -> None:
    parameters = Parameters([Parameter("both"), Parameter("a"), Parameter("b")])
    acting: list[tuple[str, Home]] = [("both", ("x", 0)), ("both", other), ("a", ("x", 0)), ("b", other)]
    matrix = np.array([[5.0, 1.0, 2.0], [1.0, 6.0, 0.0], [2.0, 0.0, 7.0]])
    together = columns_together(acting, parameters)
    assert [list(m) for m in together.members] == [[0], [1, 2]]
    np.testing.assert_array_equal(of(together, matrix), matrix)


def test_second_derivatives_of_a_model_with_channels_and_bins() -> None:
    """Those that few products find are those of a product with each unit vector."""
    rng, channels, nuisances = np.random.default_rng(6), [], []
    for c in CHANNELS:
        gammas = Gammas(tuple(f"g_{c}{b}" for b in range(BINS)))
        signal = Process("s", rng.uniform(2, 9, BINS), factors=(Factor("r"),))
        norms = (Norm(f"n_{c}", 1.2, 0.9, "code1"), Norm("lumi", 1.05, 0.95, "code1"))
        other = Process("b", rng.uniform(20, 40, BINS), norms=norms, gammas=(gammas,))
        channels.append(Channel(c, (signal, other), rng.poisson(35, BINS).astype(float)))
        nuisances += [Parameter(n, 1.0, 0.1, 3.0, Counted(25.0, 25.0)) for n in gammas.parameters]
        nuisances += [Parameter(f"n_{c}", constraint=Normal())]
    parameters = Parameters([Parameter("r", 1.0), *nuisances, Parameter("lumi", constraint=Normal())])
    likelihood = TemplateLikelihood(TemplateModel(tuple(channels), parameters))
    x, n = parameters.values + rng.normal(0, 0.1, len(parameters)), len(parameters)
    assert len(likelihood._products.members) == 4  # r, lumi; the norms of channels; the gammas
    each = np.array([likelihood.hessian_vector(x, unit) for unit in np.eye(n)])
    wanted = one_by_one(n).matrix(each)
    np.testing.assert_allclose(wanted, each, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(likelihood.hessian(x), wanted, rtol=1e-12, atol=1e-12)
