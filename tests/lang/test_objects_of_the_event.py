"""Single objects and flat files: momenta of every coordinate system, assignment, sums (LANGUAGE h)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError, MeV
from hzdsl.io.schema import Schema, schema_from_table
from tests.run.muons import write

N = 50
RNG = np.random.default_rng(3)
P3 = {n: RNG.normal(0, 20, N) for n in ("px", "py", "pz")}
MASS = np.abs(RNG.normal(1, 0.3, N))
PT, PHI = np.hypot(P3["px"], P3["py"]), np.arctan2(P3["py"], P3["px"])
VALUES = {
    **P3,
    "mass": MASS,
    "energy": np.sqrt(sum(p**2 for p in P3.values()) + MASS**2),
    "pt": PT,
    "phi": PHI,
    "eta": np.arcsinh(P3["pz"] / PT),
}
SYSTEMS = [(*space, last) for space in (("pt", "eta", "phi"), ("px", "py", "pz")) for last in ("mass", "energy")]


def schema(*systems: tuple[str, ...]) -> Schema:
    """Objects x0, x1, … with the attributes of these systems, in f64."""
    unit = {"eta": "", "phi": ""}
    objects = {f"x{i}": {"fields": {n: f"f64 {unit.get(n, 'GeV')}" for n in names}} for i, names in enumerate(systems)}
    return schema_from_table({"objects": objects}, "flat")


def path(tmp_path, *systems: tuple[str, ...]) -> str:
    columns = {f"x{i}_{n}": VALUES[n] for i, names in enumerate(systems) for n in names}
    return str(write(tmp_path / "flat.root", columns))


def values(used: Schema, file: str, backend, **outputs) -> dict[str, np.ndarray]:
    ana = hz.Analysis("x", used)
    everything = ana.region("all")
    for name, x in outputs.items():
        ana.output(name, x, region=everything)
    return event_columns(ana.run(file, backend=backend, tables=True))


def event_columns(result) -> dict[str, np.ndarray]:
    from hzdsl.results.tables import event_columns as columns

    return {k: np.asarray(v, float) for k, v in columns(result)[0].items() if k not in ("region", "entry", "sample")}


@pytest.mark.parametrize("system", SYSTEMS, ids="-".join)
def test_all_coordinates_from_each_system(tmp_path, backend, system) -> None:
    used = schema(system)
    x = hz.events(used).x0
    found = values(used, path(tmp_path, system), backend, **{f"v_{n}": x.attribute(n) for n in VALUES})
    for name, expected in VALUES.items():
        np.testing.assert_allclose(found[f"v_{name}"], expected, rtol=1e-9, atol=1e-6 if name == "mass" else 1e-12)


@pytest.mark.parametrize(("system", "name"), list(itertools.product(SYSTEMS, ("mass", "energy", "pt", "px", "eta"))))
def test_an_assigned_coordinate_moves_what_derives_from_it(tmp_path, backend, system, name) -> None:
    used = schema(system)
    x = hz.events(used).x0
    new = x.assign(**{name: x.attribute(name) * 1.5})
    outputs = {n: new.attribute(n) for n in VALUES}
    outputs |= {f"p4_{n}": getattr(new.p4, n) for n in ("px", "py", "pz", "energy")}
    found = values(used, path(tmp_path, system), backend, **{f"v_{n}": v for n, v in outputs.items()})
    np.testing.assert_allclose(found[f"v_{name}"], VALUES[name] * 1.5, rtol=1e-9, atol=1e-6)
    for n in ("px", "py", "pz", "energy"):  # attributes and four-vector tell the same
        np.testing.assert_allclose(found[f"v_{n}"], found[f"v_p4_{n}"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found["v_pt"], np.hypot(found["v_px"], found["v_py"]), rtol=1e-9)


def test_hypotheses_of_flat_candidates(tmp_path, backend) -> None:
    """LANGUAGE (h): momenta of a flat file, masses assigned."""
    used = schema(*[("px", "py", "pz")] * 3)
    ev = hz.events(used)
    k = [getattr(ev, f"x{i}").assign(mass=493.677 * MeV) for i in range(3)]
    m12, m123 = (k[0] + k[1]).mass, (k[0] + k[1] + k[2]).mass
    found = values(used, path(tmp_path, *[("px", "py", "pz")] * 3), backend, m12=m12, m123=m123)
    np.testing.assert_allclose(found["m12"], 2 * 0.493677, rtol=1e-4)  # three times the same momentum
    np.testing.assert_allclose(found["m123"], 3 * 0.493677, rtol=1e-4)


def test_identity_of_objects_of_the_event() -> None:
    ev = hz.events("lhcb_bhhh")
    assert (ev.H1 + ev.H2 + ev.H3).mass.node.type.unit == MeV.unit
    for build in (
        lambda: ev.H1 + ev.H1,
        lambda: (ev.H1 + ev.H2) + ev.H2.assign(mass=1 * GeV),
        lambda: ev.H1.assign(mass=1 * GeV) + (ev.H3 + ev.H1),
    ):
        with pytest.raises(HzdslError, match="is added to itself") as e:
            build()
        assert e.value.code == "identity"


def test_a_momentum_is_given_once() -> None:
    h = hz.events("lhcb_bhhh").H1
    for twice in ({"pt": 1 * GeV, "px": 1 * GeV}, {"mass": 1 * GeV, "energy": 1 * GeV}):
        with pytest.raises(HzdslError, match="given twice") as e:
            h.assign(**twice)
        assert e.value.code == "arguments"


def test_what_an_object_without_momentum_says() -> None:
    with pytest.raises(HzdslError, match="PV has no four-vector"):
        hz.events("nanoaod").PV.pt  # noqa: B018
    with pytest.raises(HzdslError, match="MET has no eta: it is a transverse vector"):
        hz.events("nanoaod").MET.assign(pt=5 * GeV).eta  # noqa: B018


def test_flavor_of_generator_particles() -> None:
    ev = hz.events("nanoaod")
    assert repr(ev.GenPart.flavor) == "<GenPart.flavor : i32 @ GenPart>"
    assert ev.Muon.flavor.node.op == "lift"


def test_text_of_flat_files() -> None:
    from hzdsl.text import parse_expression

    ev = hz.events("lhcb_bhhh")
    block = "k1 = H1.assign(mass = 493.677 MeV);   k2 = H2.assign(mass = 493.677 MeV)"
    k1, k2 = (h.assign(mass=493.677 * MeV) for h in (ev.H1, ev.H2))
    assert parse_expression("(k1 + k2).mass", ev, block).node is (k1 + k2).mass.node


def test_lists_of_numbers() -> None:
    from hzdsl.text import parse_expression

    ev = hz.events("nanoaod")
    weights = ev.LHEPdfWeight
    pairs = [
        ("LHEPdfWeight[:100]", weights[:100]),
        ("LHEPdfWeight[3]", weights[3]),
        ("sum(LHEPdfWeight[1:9])", hz.sum(weights[1:9])),
        ("count(LHEPdfWeight)", hz.count(weights)),
        ("LHEPdfWeight[LHEPdfWeight > 1]", weights[weights > 1]),
    ]
    for text, written in pairs:
        assert parse_expression(text, ev).node is written.node, text
    assert (weights[:100].node.type.hi, weights[:100].axis.type.hi) == (None, 100)
    for key in (-1, "x", 1.5, True):
        with pytest.raises(HzdslError):
            weights[key]
