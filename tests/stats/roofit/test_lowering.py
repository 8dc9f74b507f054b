"""Densities of workspaces as expressions, from records made by hand; tests/oracle/test_lowering.py has RooFit beside."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import voigt_profile

from hzdsl.errors import HzdslError
from hzdsl.stats.observable import observable
from hzdsl.stats.roofit.lowering import Lowering
from hzdsl.stats.roofit.records import Category, Function, Node, Variable, Workspace
from tests.stats.densities.evaluated import on_one

POINTS = np.array([75.0, 88.0, 91.3, 92.0, 97.0, 110.0])
LOW, HIGH = 60.0, 140.0


def lowered(*functions: Function, floating: tuple[str, ...] = (), **values: float) -> Lowering:
    variables = [Variable(n, "", v, v - 50, v + 50, constant=False) for n, v in values.items()]
    nodes: list[Node] = [*functions, *variables, Variable("m", "", 100.0, LOW, HIGH, constant=False)]
    nodes.append(Category("index", "", {"_pdf0": 0, "_pdf1": 1}, 1))
    workspace = Workspace("w", "", "a.root", {n.name: n for n in nodes}, {})
    return Lowering(workspace, {"m": observable("m", LOW, HIGH)}, floating)


def values(w: Lowering, name: str) -> np.ndarray:
    given = {n: p.value for n, p in w.parameters.items()}
    return np.asarray(on_one([w.density(name).normalized()], {"m": POINTS}, given)[0])


def of(name: str, kind: str, **arguments: str | tuple[str, ...]) -> Function:
    return Function(name, "", kind, arguments, {"useStandardParametrization": False, "cFactor": 0.5})


RESOLUTION = of("resolution", "RooGaussian", x="m", mean="shift", sigma="sigma")


def test_a_smeared_breit_wigner_is_a_voigt() -> None:
    line = of("line", "RooBreitWigner", x="m", mean="mean", width="width")
    both = of("both", "RooFFTConvPdf", x="m", pdf1="line", pdf2="resolution")
    w = lowered(line, RESOLUTION, both, mean=91.0, width=2.5, shift=0.4, sigma=2.0)
    density = w.density("both")
    assert repr(density) == "<voigt of m>"
    wanted = voigt_profile(POINTS - 91.4, 2.0, 1.25)
    whole = integrate.quad(lambda m: voigt_profile(m - 91.4, 2.0, 1.25), LOW, HIGH, points=[91.4], epsabs=0)[0]
    np.testing.assert_allclose(values(w, "both"), wanted / whole, rtol=1e-9)


def test_a_smeared_normal_density_is_a_wider_one() -> None:
    line = of("line", "RooGaussian", x="m", mean="mean", sigma="width")
    both = of("both", "RooFFTConvPdf", x="m", pdf1="line", pdf2="resolution")
    w = lowered(line, RESOLUTION, both, mean=91.0, width=1.5, shift=0.4, sigma=2.0)
    wanted = stats.norm.pdf(POINTS, 91.4, 2.5)
    np.testing.assert_allclose(values(w, "both"), wanted, rtol=1e-6, atol=1e-12)


def test_a_convolution_with_something_else_is_refused() -> None:
    line = of("line", "RooBreitWigner", x="m", mean="mean", width="width")
    other = of("both", "RooFFTConvPdf", x="m", pdf1="resolution", pdf2="line")
    w = lowered(line, RESOLUTION, other, mean=91.0, width=1.5, shift=0.4, sigma=2.0)
    with pytest.raises(HzdslError, match="both is a convolution with line, which is no RooGaussian of m") as caught:
        w.density("both")
    assert caught.value.code == "class-unknown"


def test_landau_and_lognormal() -> None:
    landau = of("landau", "RooLandau", x="m", mean="mean", sigma="sigma")
    logn = of("logn", "RooLognormal", x="m", m0="mean", k="k")
    w = lowered(landau, logn, mean=91.0, sigma=2.0, k=0.9)
    there = {"loc": 91 + 2 * np.log(np.pi / 2), "scale": 2 * np.pi / 2}
    wanted = stats.landau.pdf(POINTS, **there) / np.diff(stats.landau.cdf([LOW, HIGH], **there))
    np.testing.assert_allclose(values(w, "landau")[1:], wanted[1:], rtol=1e-8)
    law = stats.lognorm(abs(np.log(0.9)), scale=91.0)
    wanted = law.pdf(POINTS) / (law.cdf(HIGH) - law.cdf(LOW))
    np.testing.assert_allclose(values(w, "logn"), wanted, rtol=1e-10)


def chosen(*functions: str) -> Function:
    return of("multi", "RooMultiPdf", c=functions, corr=tuple("k" for _ in functions), x="index")


def test_an_index_chooses() -> None:
    one = of("one", "RooGaussian", x="m", mean="mean", sigma="sigma")
    two = of("two", "RooExponential", x="m", c="slope")
    w = lowered(one, two, chosen("one", "two"), floating=("index",), mean=91.0, sigma=2.0, slope=-0.02, k=2.0)
    np.testing.assert_allclose(values(w, "multi"), values(w, "two"), rtol=1e-14)
    index = w.parameters["index"]
    assert (index.value, index.low, index.high, index.fixed) == (1.0, 0.0, 1.0, False)
    assert [c.name for c in index.choices] == ["one", "two"]


def test_an_index_of_another_number_of_functions() -> None:
    one = of("one", "RooGaussian", x="m", mean="mean", sigma="sigma")
    w = lowered(one, chosen("one"), mean=91.0, sigma=2.0, k=2.0)
    with pytest.raises(HzdslError, match="index does not choose one of 1 functions") as caught:
        w.density("multi")
    assert (caught.value.code, bool(caught.value.fix)) == ("class-unknown", True)
