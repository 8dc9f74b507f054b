"""The Python surface: what expressions become, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import hzdsl as hz
from hzdsl import GeV, MeV, cm, fb, pb
from hzdsl.io.schema import schema_from_table
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.types import DType

ev = hz.events("nanoaod")
mu, el, jet, met = ev.Muon, ev.Electron, ev.Jet, ev.MET


def typed(x: Any) -> str:
    return str(x.node.type)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (lambda: mu.pt, "f32 GeV @ Muon"),
        (lambda: mu.pt > 5 * GeV, "bool @ Muon"),
        (lambda: hz.sqrt(mu.dxy**2 + mu.dz**2), "f32 cm @ Muon"),
        (lambda: hz.sqrt(mu.dxy**2 + mu.dz**2) / hz.sqrt(mu.dxyErr**2 + mu.dzErr**2), "f32 @ Muon"),
        (lambda: hz.count(mu), "i64 @ event"),
        (lambda: hz.count(mu.charge == 1), "i64 @ event"),
        (lambda: hz.sum(mu.charge), "i64 @ event"),
        (lambda: hz.sum(jet.pt), "f32 GeV @ event"),
        (lambda: hz.max(jet.pt), "f32 GeV @ event ?"),
        (lambda: mu[0].pt, "f32 GeV @ event ?"),
        (lambda: hz.pair(mu).mass, "f64 GeV @ pair(Muon)"),
        (lambda: hz.pair(mu).nearest(91.2).mass, "f64 GeV @ event ?"),
        (lambda: hz.delta_r(mu[0], mu[1]), "f32 @ event ?"),
        (lambda: hz.delta_phi(mu[0], met), "f32 @ event ?"),
        (lambda: met.pt * 2, "f32 GeV @ event"),
        (lambda: met.px, "f64 GeV @ event"),
        (lambda: hz.param("m_Z", 91.2 * GeV), "f64 GeV @ event"),
        (lambda: hz.transverse_mass(mu.leading(), met), "f32 GeV @ event ?"),
        (lambda: hz.any(hz.delta_r(jet, mu.per(jet)) < 0.4), "bool @ Jet"),
        (lambda: hz.pair(mu, el).mass, "f64 GeV @ pair(Muon, Electron)"),
        (lambda: ev.event, "u64 @ event"),
        (lambda: ev.HLT_anything, "bool @ event"),
        (lambda: mu.jetIdx.bit(3), "bool @ Muon"),
        (lambda: mu[0].pt.otherwise(0), "f32 GeV @ event"),
    ],
)  # fmt: skip
def test_types(value: Callable[[], Any], expected: str) -> None:
    assert typed(value()) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (lambda: hz.count(mu[mu.pt > 5 * GeV]), lambda: hz.count(mu.pt > 5 * GeV)),
        (lambda: mu.pt > 5 * GeV, lambda: 5 * GeV < mu.pt),
        (lambda: mu.pt > 5 * GeV, lambda: mu.pt > 5000 * MeV),
        (lambda: hz.pair(mu).nearest(91.2).mass, lambda: hz.pair(mu).nearest(91.2 * GeV).mass),
        (lambda: mu.pt.between(1 * GeV, 2 * GeV), lambda: (mu.pt > 1 * GeV) & (mu.pt < 2 * GeV)),
        (lambda: mu[lambda m: m.pt > 5 * GeV].eta, lambda: mu[mu.pt > 5 * GeV].eta),
        (lambda: mu.leading().pt, lambda: mu.argmax(mu.pt).pt),
        (lambda: mu.dxy * mu.dxy, lambda: mu.dxy**2),
        (lambda: hz.pair(mu)[0].leg1.pt, lambda: hz.pair(mu)[0].leg1["pt"]),
    ],
)
def test_the_same_meaning_is_the_same_node(a: Callable[[], Any], b: Callable[[], Any]) -> None:
    assert a().node is b().node


class TestIdentity:
    def test_legs_of_a_pair_add(self) -> None:
        z = hz.pair(mu).nearest(91.2)
        assert typed((z.leg1 + z.leg2).mass) == "f64 GeV @ event ?"

    def test_first_and_second_add(self) -> None:
        assert (mu[0] + mu[1]).mass is not None

    def test_after_exclusion_they_add(self) -> None:
        z1 = hz.pair(mu).nearest(91.2)
        z2 = hz.pair(mu - z1).leading()
        assert (z1 + z2).mass is not None
        assert (z2 + z1).mass is not None
        assert (z1 + (mu - z1)[0]).mass is not None
        assert (z1.leg1 + (mu - z1)[0]).mass is not None
        assert ((mu - z1 - z2)[0] + z1 + z2).pt is not None

    def test_excluding_a_sum_excludes_its_legs(self) -> None:
        h = mu[0] + mu[1]
        rest = mu - h
        assert (rest[0] + h).mass is not None

    def test_a_selection_of_what_is_left_is_still_disjoint(self) -> None:
        z1 = hz.pair(mu).nearest(91.2)
        soft = (mu - z1)[lambda m: m.pt < 20 * GeV].sort(lambda m: m.pt)
        assert (z1 + hz.pair(soft)[0]).mass is not None

    @pytest.mark.parametrize(
        "build",
        [
            lambda: mu[0] + mu[0],
            lambda: mu[0] + mu.leading(),
            lambda: hz.pair(mu).nearest(91.2) + hz.pair(mu).leading(),
            lambda: hz.pair(mu).nearest(91.2) + mu[0],
            lambda: hz.pair(mu)[0] + hz.pair(mu)[1],
            lambda: mu[mu.pt > 5 * GeV][0] + mu[1],
        ],
    )
    def test_what_may_share_a_particle_is_refused(self, build: Callable[[], Any]) -> None:
        with pytest.raises(hz.HzdslError) as error:
            build()
        assert error.value.code == "identity"
        assert "A - x" in (error.value.fix or "")

    def test_other_collections_always_add(self) -> None:
        assert ((mu[0] + mu[1]) + (el[0] + el[1])).mass is not None


def analysis(cut: float = 5.0, label: str = "kinematics", swap: bool = False, name: str = "h") -> hz.Analysis:
    ana = hz.Analysis("a")
    cuts: list[Any] = [{label: hz.all(mu.pt > cut * GeV)}, hz.count(mu) >= 2]
    region = ana.region("r", *(reversed(cuts) if swap else cuts))
    ana.histogram(name, hz.pair(mu)[0].mass, bins=10, range=(0, 100), region=region)
    return ana


class TestHash:
    def test_labels_do_not_matter(self) -> None:
        assert analysis_hash(analysis().document()) == analysis_hash(analysis(label="other").document())

    @pytest.mark.parametrize("change", [{"cut": 5.0000001}, {"swap": True}, {"name": "g"}])
    def test_any_change_of_meaning_does(self, change: dict[str, Any]) -> None:
        assert analysis_hash(analysis().document()) != analysis_hash(analysis(**change).document())

    def test_parameters_enter_with_their_default_only(self) -> None:
        def with_parameter(**options: Any) -> str:
            ana = hz.Analysis("a")
            ana.region("r", met.pt > hz.param("cut", options.pop("default", 5 * GeV), **options))
            return analysis_hash(ana.document())

        assert with_parameter(doc="a line", bounds=(0, 10)) == with_parameter()
        assert with_parameter(default=6 * GeV) != with_parameter()


class TestAnalysis:
    def test_quantities(self) -> None:
        ana = hz.Analysis("a")
        ana.luminosity = 34.7 / fb
        ana.sample("WW", "ww.root", xsec=12.178 * pb)
        document = ana.document()
        assert document.luminosity == pytest.approx(34700, rel=1e-15)
        assert document.samples[0].xsec == 12.178

    def test_one_histogram_per_region_of_a_list(self) -> None:
        ana = hz.Analysis("a")
        regions = [ana.region(n, hz.count(mu) > k) for k, n in enumerate("ab")]
        ana.histogram("h", met.pt, bins=2, range=(0, 10), region=regions)
        assert [h.key for h in ana.document().histograms] == ["a/h", "b/h"]

    def test_the_axis_keeps_the_unit_it_was_written_in(self) -> None:
        ana = hz.Analysis("a")
        ana.histogram("m", met.pt, bins=2, range=(0 * MeV, 10000 * MeV))
        (axis,) = ana.document().histograms[0].axes
        assert str(axis.unit) == "MeV"

    @pytest.mark.parametrize(
        ("build", "code"),
        [
            (lambda a: a.region("r", mu.pt > 5 * GeV), "axis"),
            (lambda a: a.region("r", met.pt), "dtype"),
            (lambda a: a.output("x", mu.pt), "axis"),
            (lambda a: a.output("x", mu[0]), "dtype"),
            (lambda a: a.histogram("h", met.pt, bins=10, range=(100, 0)), "binning"),
            (lambda a: a.histogram("h", met.pt, edges=[0, 2, 1]), "binning"),
            (lambda a: a.histogram("h", met.pt, bins=0, range=(0, 1)), "binning"),
            (lambda a: a.histogram("h", met.pt), "binning"),
            (lambda a: a.histogram("h", met.pt, bins=1, range=(0 * cm, 1 * cm)), "unit"),
            (lambda a: a.histogram("h", met.pt, bins=1, range=(0, 1), region="nowhere"), "name-unknown"),
            (lambda a: (a.region("r"), a.region("r")), "name-twice"),
            (lambda a: (a.output("x", met.pt), a.output("x", met.phi)), "name-twice"),
            (lambda a: a.sample("d", kind="data", xsec=1.0), "spec-value"),
            (lambda a: hz.param("p", 5 * GeV, bounds=(4, 7)) and None, "python-logic"),
        ],
    )
    def test_mistakes(self, build: Callable[[hz.Analysis], Any], code: str) -> None:
        with pytest.raises(hz.HzdslError) as error:
            build(hz.Analysis("a"))
        assert error.value.code == code

    def test_default_out_of_bounds(self) -> None:
        with pytest.raises(hz.HzdslError, match=r"outside its bounds \[6.0, 7.0\] GeV") as error:
            hz.param("p", 5 * GeV, bounds=(6, 7))
        assert error.value.place is not None
        assert error.value.place.source == __file__

    def test_one_parameter_two_defaults(self) -> None:
        ana = hz.Analysis("a")
        ana.region("r", met.pt > hz.param("p", 5 * GeV), met.pt < hz.param("p", 6 * GeV))
        with pytest.raises(hz.HzdslError, match="declared twice"):
            ana.document()


def test_nothing_public_lacks_a_docstring() -> None:
    for name in dir(hz):
        thing = getattr(hz, name)
        if callable(thing) and not name.startswith("_"):
            assert thing.__doc__, name


def test_dtypes_of_literals() -> None:
    assert (mu.charge == 1).node.args[0].type.dtype is DType.I64
    assert (abs(mu.eta) < 2.4).node.args[0].type.dtype is DType.F64


class TestSchemas:
    TABLE = {"fields": {"B_mass": "f32 MeV", "run": "u32"}, "identifiers": ["run"]}  # noqa: RUF012

    def test_the_schema_of_an_analysis_is_that_of_its_branches(self) -> None:
        b = hz.events(schema_from_table(self.TABLE, "bsmumu"))
        ana = hz.Analysis("y")
        ana.region("mass", b.B_mass.between(4900 * MeV, 5800 * MeV))
        document = ana.document()
        assert document.schema == "bsmumu"
        assert [n.text("name") for n in document.identifiers] == ["run"]

    def test_two_schemas_do_not_mix(self) -> None:
        b = hz.events(schema_from_table(self.TABLE, "bsmumu"))
        ana = hz.Analysis("y")
        ana.region("mass", b.B_mass > 4900 * MeV, met.pt > 5 * GeV)
        with pytest.raises(hz.HzdslError, match="two schemas, 'bsmumu' and 'nanoaod'"):
            ana.document()

    def test_the_same_file_twice_is_one_schema(self) -> None:
        one, other = (hz.events(schema_from_table(self.TABLE, "bsmumu")) for _ in range(2))
        assert one.B_mass.node is other.B_mass.node


def test_where_chooses_objects() -> None:
    chosen = hz.where(hz.count(mu) > 3, mu[0], mu[1])
    assert typed(chosen.pt) == "f32 GeV @ event ?"


class TestQuantities:
    def test_comparisons_are_by_value(self) -> None:
        assert 5 * GeV == 5000 * MeV
        assert 5 * GeV != 5 * cm
        assert 5 * GeV < 6000 * MeV <= 6 * GeV
        assert sum([1 * GeV, 2 * GeV]) == 3 * GeV
        assert 0 - 5 * GeV == -5 * GeV
        assert len({1 * GeV, 1000 * MeV}) == 1

    def test_different_dimensions_do_not_compare(self) -> None:
        with pytest.raises(hz.HzdslError, match="units differ"):
            assert 5 * GeV < 6 * cm
