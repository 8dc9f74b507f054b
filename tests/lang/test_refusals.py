"""What Python or NumPy would do silently, or say in its own words, is refused in the user's."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, cm, fb
from hzdsl.errors import HzdslError

ev = hz.events("nanoaod")
mu, el, met = ev.Muon, ev.Electron, ev.MET


def refused(build: Callable[[], Any]) -> HzdslError:
    with pytest.raises(HzdslError) as error:
        build()
    assert error.value.place is not None
    assert error.value.place.source == __file__
    return error.value


class TestAssignment:
    def test_of_an_attribute(self) -> None:
        def build() -> None:
            mu.pt = mu.pt * 2

        error = refused(build)
        assert error.code == "python-logic"
        assert error.fix == "mu = mu.assign(pt=…)"

    def test_of_an_element(self) -> None:
        def build() -> None:
            mu["pt"] = mu.pt * 2

        assert refused(build).fix == "mu = mu.assign(pt=…)"

    @pytest.mark.parametrize("x", [ev, mu, mu[0], met, mu[0] + mu[1], mu.pt, mu[0].p4], ids=repr)
    def test_nothing_changes(self, x: Any) -> None:
        with pytest.raises((HzdslError, AttributeError)):
            x.pt = 3
        with pytest.raises((HzdslError, AttributeError)):
            x.record = 3
        with pytest.raises((HzdslError, AttributeError)):
            del x.pt

    @pytest.mark.parametrize("x", [ev, mu, mu[0], met, mu[0] + mu[1], mu.pt, hz.Analysis("a")], ids=repr)
    def test_copies(self, x: Any) -> None:
        assert repr(copy.copy(x)) == repr(x)


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [(11.58 / fb, 11580.0), ("11.58 / fb", 11580.0), ("34.7 1/fb", 34700.0), (5, 5.0), (np.float32(5), 5.0), ("5", 5.0)],
    )  # fmt: skip
    def test_luminosity(self, given: Any, expected: float) -> None:
        ana = hz.Analysis("a")
        ana.luminosity = given
        assert ana.document().luminosity == expected

    @pytest.mark.parametrize("given", [-1, 0, float("nan"), float("inf"), "abc", "5 / fbb", 5 * GeV, True, [1]])
    def test_bad_luminosity(self, given: Any) -> None:
        ana = hz.Analysis("a")
        assert refused(lambda: setattr(ana, "luminosity", given)).code in ("unit", "spec-value")

    def test_unknown(self) -> None:
        ana = hz.Analysis("a")
        error = refused(lambda: setattr(ana, "lumi", 3 / fb))
        assert (error.code, error.fix) == ("attribute", "did you mean luminosity?")
        assert refused(lambda: ana.histogramm).fix == "did you mean histogram?"

    def test_repr(self) -> None:
        ana = hz.Analysis("mine")
        ana.region("two", hz.count(mu) == 2, met.pt > 5 * GeV)
        ana.histogram("met", met.pt, bins=2, range=(0, 1), region="two")
        ana.sample("s", Path("s.root"))
        assert repr(ana) == "<analysis mine: regions: two (2 cuts); histograms: two/met; samples: s>"
        assert ana.document().samples[0].files == ("s.root",)


class TestNumPy:
    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (lambda: np.float64(2) * mu.pt, lambda: 2.0 * mu.pt),
            (lambda: mu.pt * np.float32(2), lambda: mu.pt * 2.0),
            (lambda: np.float64(5) < mu.eta, lambda: mu.eta > 5.0),
            (lambda: mu.eta > np.float64(5), lambda: mu.eta > 5.0),
            (lambda: np.int64(1) == mu.charge, lambda: mu.charge == 1),
            (lambda: np.array(2.0) - mu.eta, lambda: 2.0 - mu.eta),
        ],
    )
    def test_scalars_are_numbers(self, found: Callable[[], Any], expected: Callable[[], Any]) -> None:
        assert found().node is expected().node

    def test_quantities(self) -> None:
        made = [np.float32(5) * GeV, GeV * np.float32(5), np.int64(5) * GeV, np.float64(5) * GeV]
        assert [str(q) for q in made] == ["5.0 GeV"] * 4

    @pytest.mark.parametrize(
        ("build", "fix"),
        [
            (lambda: np.array([1.0, 2.0]) * mu.pt, "use one number, or a branch of the input"),
            (lambda: mu.pt > np.array([1.0, 2.0]), "use one number, or a branch of the input"),
            (lambda: np.array([1.0, 2.0]) * GeV, "use one number, or a branch of the input"),
            (lambda: np.sqrt(mu.pt), "use hz.sqrt"),
            (lambda: np.sqrt(mu), "use hz.sqrt"),
            (lambda: np.arctan2(mu.eta, 1), "write hz.atan2(y, x)"),
            (lambda: np.sum(mu.pt), "use hz.sum"),
            (lambda: np.asarray(mu.pt), "use NumPy on the results of a run"),
        ],
    )
    def test_arrays_and_functions_are_refused(self, build: Callable[[], Any], fix: str) -> None:
        error = refused(build)
        assert (error.code, error.fix) == ("dtype", fix)


class TestNumbersAtOnce:
    @pytest.mark.parametrize(
        "build",
        [
            lambda: float(mu.pt),
            lambda: int(mu.pt),
            lambda: math.sqrt(mu.pt),
            lambda: math.floor(mu.pt),
            lambda: round(mu.pt),
            lambda: range(hz.count(mu)),
            lambda: f"{mu.pt:.2f}",
        ],
    )
    def test_are_refused(self, build: Callable[[], Any]) -> None:
        assert refused(build).code == "python-logic"

    def test_floor_division(self) -> None:
        assert refused(lambda: mu.pt // 2).fix == "write hz.floor(a / b)"
        assert refused(lambda: 2 // mu.pt).fix == "write hz.floor(a / b)"

    def test_a_plain_format_spells(self) -> None:
        assert f"{mu.pt}" == "Muon.pt"


class TestTransverse:
    @pytest.mark.parametrize("name", ["eta", "rapidity", "theta", "pz", "p"])
    def test_no_longitudinal_attributes(self, name: str) -> None:
        error = refused(lambda: getattr(met, name))
        assert error.message == f"MET has no {name}: it is a transverse vector"
        assert error.fix == "use delta_phi, transverse_mass"
        assert name not in dir(met)

    @pytest.mark.parametrize("name", ["px", "py", "pt", "phi", "energy", "mass", "p4"])
    def test_transverse_ones_stay(self, name: str) -> None:
        assert getattr(met, name) is not None

    def test_no_distance(self) -> None:
        assert refused(lambda: hz.delta_r(mu, met)).code == "attribute"
        assert refused(lambda: hz.delta_eta(met, mu)).code == "attribute"

    def test_a_candidate_of_new_pt_keeps_its_angles(self) -> None:
        z = hz.pair(mu)
        assert str(z.assign(pt=z.pt, phi=z.phi).eta.node.type) == "f64 @ pair(Muon)"
        assert str(z.assign(pt=2 * z.pt).mass.node.type) == "f64 GeV @ pair(Muon)"


class TestNames:
    def test_protocols_work(self) -> None:
        for x in (hz, mu.pt, mu, mu[0], met, ev, mu[0].p4, mu[0] + mu[1], hz.Analysis("a")):
            assert not hasattr(x, "nonsense")
            assert not hasattr(x, "_repr_svg_")

    @pytest.mark.parametrize(
        ("name", "fix"),
        [
            ("average", "write hz.mean(x)"),
            ("deltaR", "write hz.delta_r(a, b)"),
            ("gev", "did you mean GeV?"),
        ],
    )
    def test_of_the_package(self, name: str, fix: str) -> None:
        assert refused(lambda: getattr(hz, name)).fix == fix

    def test_only_public_names_show(self) -> None:
        assert set(dir(hz)) == set(hz.__all__)
        for x in (ev, mu, mu[0], met, mu[0] + mu[1], mu[0].p4, mu.pt):
            assert not [n for n in dir(x) if n.startswith("_")]
            assert not {"record", "reference", "references", "attribute", "mapped", "node"} & set(dir(x))
        assert {"pt", "assign", "leading"} <= set(dir(mu))
        assert {"mass", "px", "leg1"} <= set(dir(mu[0] + mu[1]))

    def test_four_vectors_have_kinematics(self) -> None:
        p4 = mu[0].p4 + mu[1].p4
        for name in ("mass", "pt", "eta", "phi"):
            assert str(getattr(p4, name).node.type).endswith("@ event ?")
        assert repr(p4) == "<four-vector : f64 GeV @ event ?>"
        assert refused(lambda: p4.masss).fix == "did you mean mass?"


class TestArguments:
    @pytest.mark.parametrize(
        "build",
        [
            lambda: mu.sort(mu.pt, reverse=True),
            lambda: mu.leading(2),
            lambda: mu.nearest(),
            lambda: mu.pt.between(1),
            lambda: hz.Analysis("a").region(),
            lambda: hz.Analysis("a").histogram("h", met.pt, bin=3),
            lambda: hz.Analysis("a").run(1, 2, 3),
            lambda: hz.Analysis(1, 2, 3),
            lambda: hz.axis(),
            lambda: hz.param("x"),
            lambda: hz.load(),
            lambda: hz.pair(mu, mu),
            lambda: hz.triple(mu, mu, el),
        ],
    )
    def test_wrong_ones_are_the_users(self, build: Callable[[], Any]) -> None:
        assert refused(build).code == "arguments"

    def test_other_type_errors_pass(self) -> None:
        with pytest.raises(TypeError, match="inner"):
            mu.sort(lambda m: (_ for _ in ()).throw(TypeError("inner")))

    def test_named_legs_of_one_collection(self) -> None:
        assert hz.pair(tag=mu, probe=mu).tag.pt is not None

    def test_parameters(self) -> None:
        assert refused(lambda: hz.param("x", 5 * GeV, bounds=(7, 6))).message.endswith("are reversed")
        error = refused(lambda: hz.param("x", 5, bounds=(0 * GeV, 9 * GeV)))
        assert error.fix == "default 5*GeV?"
        assert refused(lambda: hz.param("x", 5 * GeV, bounds=(0 * cm, 1))).code == "unit"
