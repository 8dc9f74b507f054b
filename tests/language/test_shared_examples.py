"""The worked examples of ../shared/LANGUAGE.md as they stand: Python runs, text loads, and both are the same nodes.

Where one form shows less than the other, what it shows is compared; a name that a form redefines by its last meaning.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hzdsl as hz
from hzdsl.ir.analysis import Document
from hzdsl.ir.node import Node
from hzdsl.ir.packed import pack, unpack
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Particle
from hzdsl.lang.values import Value
from hzdsl.lang.vectors import Vec3
from hzdsl.run.cluster.messages import PROGRAM
from hzdsl.text import loads
from tests.language.shared_examples import PAGE, Example, examples

pytestmark = [pytest.mark.shared]

PRELUDE = """
import hzdsl as hz
from hzdsl import GeV, MeV, cm, pb, fb
ev = hz.events("nanoaod")
ana = hz.Analysis("example")
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not PAGE.exists():
        pytest.skip(f"{PAGE} is not here")
    monkeypatch.chdir(tmp_path)


def nodes(x: Any) -> tuple[Node, ...] | None:
    """What a surface value stands for; None for functions, numbers and what belongs to Python alone."""
    if isinstance(x, Value):
        return (x.node,)
    if isinstance(x, Particle):
        return tuple(x.references()) or nodes(x.attribute("p4"))
    if isinstance(x, Vec4 | Vec3):
        parts = x.components if isinstance(x, Vec3) else (x.px, x.py, x.pz, x.energy)
        return tuple(p.node for p in parts)
    return None


def python(*parts: Example) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(PRELUDE, names)
    for part in parts:
        exec(compile(part.python, f"LANGUAGE.md ({part.letters})", "exec"), names)
    return names


def text(*parts: Example, schema: str = "", given: str = "") -> Any:
    definitions = "\n".join(p.definitions for p in parts)
    tables = "\n".join(p.tables for p in parts)
    top = "\n".join([f"define = '''\n{definitions}\n'''", given, tables, schema])
    return loads(top, "example.toml", folder=".")


def compare_names(names: dict[str, Any], library: Any, least: int) -> None:
    """Every definition of the text that Python has under the same name is the same node."""
    compared, different = 0, []
    for name, _ in library.document.definitions:
        mine = nodes(names.get(name))
        if mine is None:
            continue
        compared += 1
        if mine != nodes(getattr(library, name)):
            different.append(name)
    assert different == []
    assert compared >= least


def compare_documents(python_document: Document, text_document: Document) -> None:
    """Every region, histogram, weight and parameter that the text declares is the one of the program."""
    regions = {r.name: r for r in python_document.regions}
    for region in text_document.regions:
        assert [c.node for c in region.cuts] == [c.node for c in regions[region.name].cuts], region.name
        assert region.on == regions[region.name].on
    histograms = {h.key: h for h in python_document.histograms}
    for h in text_document.histograms:
        mine = histograms[h.key]
        assert [(a.node, a.edges, a.bins) for a in h.axes] == [(a.node, a.edges, a.bins) for a in mine.axes], h.key
    outputs = {(o.name, o.region): o.node for o in python_document.outputs}
    assert {(o.name, o.region): o.node for o in text_document.outputs}.items() <= outputs.items()
    assert {w.name: w.node for w in text_document.weights} == {w.name: w.node for w in python_document.weights}
    assert text_document.exclusive == python_document.exclusive
    assert text_document.luminosity == python_document.luminosity
    parameters = {p.name: p.node for p in python_document.parameters}
    assert {p.name: p.node for p in text_document.parameters}.items() <= parameters.items()
    for document in (python_document, text_document):
        roots = tuple(document.roots())
        assert unpack(pack(roots), PROGRAM) == roots


@pytest.mark.parametrize(("letters", "least"), [("b", 3), ("g,j,k,l", 8), ("m", 1)])
def test_example(letters: str, least: int) -> None:
    part = examples()[letters]
    names, library = python(part), text(part)
    compare_names(names, library, least)
    compare_documents(names["ana"].document(), library.document)


def test_df103() -> None:
    part = examples()["a"]
    names, library = python(part), text(part)
    compare_documents(names["ana"].document(), library.document)
    for name in ("a", "b"):
        assert nodes(getattr(library, name)) == nodes(names[name])


def test_the_four_lepton_analysis_with_its_observables() -> None:
    found = examples()
    names, library = python(found["c"], found["d"]), text(found["c"], found["d"])
    compare_names(names, library, 30)
    compare_documents(names["ana"].document(), library.document)


def test_the_fake_rate_that_continues_it() -> None:
    found = examples()
    names, library = python(found["c"], found["f"]), text(found["c"], found["f"])
    compare_names(names, library, 12)
    compare_documents(names["ana"].document(), library.document)


# ---- variations and scale factors: the payloads that it names, small --------------------------------------------


def _binned(inputs: list[str], content: Any) -> dict[str, Any]:
    """A correction in one bin of each input."""
    for name in reversed(inputs):
        content = {"nodetype": "binning", "input": name, "edges": [-10.0, 1e4], "flow": "clamp", "content": [content]}
    return content  # type: ignore[no-any-return]


def _payload(path: str, name: str, inputs: list[dict[str, str]], data: dict[str, Any]) -> None:
    correction = {"name": name, "version": 1, "inputs": inputs, "output": {"name": "w", "type": "real"}, "data": data}
    Path(path).write_text(json.dumps({"schema_version": 2, "corrections": [correction]}), encoding="utf-8")


def _payloads() -> None:
    real = [{"name": n, "type": "real"} for n in ("JetEta", "JetPt")]
    _payload("jet_jerc.json", "Summer22_V2_MC_Total_AK4PFPuppi", real, _binned(["JetEta", "JetPt"], 0.02))
    keys = {"nominal": 0.98, "systup": 0.99, "systdown": 0.97}
    by_key = [{"key": k, "value": _binned(["eta", "pt"], x)} for k, x in keys.items()]
    inputs = [{"name": n, "type": "real"} for n in ("eta", "pt")] + [{"name": "scale_factors", "type": "string"}]
    data = {"nodetype": "category", "input": "scale_factors", "content": by_key}
    _payload("muon_Z.json", "NUM_TightID_DEN_TrackerMuons", inputs, data)


def test_variations_and_scale_factors() -> None:
    _payloads()
    part = examples()["e"]
    plain = Example("e", *(x.replace(".json.gz", ".json") for x in (part.python, part.definitions, part.tables)))
    names, library = python(plain), text(plain)
    compare_names(names, library, 4)
    compare_documents(names["ana"].document(), library.document)


# ---- flat and foreign files: each with its own schema -------------------------------------------------------------

LEP = 'collections.lep = { prefix = "lep_", names = { energy = "E", flavor = "type" }, units = { pt = "MeV", energy = "MeV" } }'
SCHEMAS = {
    "bsmumu": 'fields = { B_mass = "MeV", muon_pt = "MeV", vertex_chi2 = "" }',
    "lhcb": "\n".join(
        f'objects.H{k} = {{ prefix = "H{k}_", names = {{ px = "PX", py = "PY", pz = "PZ", charge = "Charge" }}, '
        'units = { px = "MeV", py = "MeV", pz = "MeV" } }'
        for k in (1, 2, 3)
    ),
    "atlas13": LEP,
}


def test_flat_and_foreign_files() -> None:
    for name, table in SCHEMAS.items():
        Path(f"{name}.toml").write_text(f"[schema]\n{table}\n", encoding="utf-8")
    part = examples()["h,i"]
    lines = part.python.splitlines()
    tracks = [line for line in lines if "tracks" in line]
    names = python(Example("h,i", "\n".join(line for line in lines if line not in tracks), "", ""))
    exec("\n".join(f"{line}" for line in tracks), {**names, "ev": hz.events(_nested())})
    by_schema = {"bsmumu": ["mass"], "lhcb": ["m_b", "m_12"], "atlas13": ["m_4l"]}
    written = part.definitions.replace("# lhcb", "").replace("# atlas13", "")
    definitions = [d.split("#")[0].strip() for line in written.splitlines() for d in line.split(";")]
    for schema, shown in by_schema.items():
        wanted = [
            d for d in definitions if d.split("=")[0].strip() in {*shown, "k1", "k2", "k3"} and schema != "bsmumu"
        ]
        wanted = [d for d in wanted if schema == "lhcb" or not d.startswith("k")]
        top = "define = '''\n" + "\n".join(wanted) + "\n'''\n"
        tables = part.tables.split("[schema]")[0] if schema == "bsmumu" else ""
        library = loads(f"{top}{tables}\n[schema]\n{SCHEMAS[schema]}\n", f"{schema}.toml")
        if schema == "bsmumu":
            (region,) = library.document.regions
            (mine,) = (r for r in names["ana"].document().regions if r.name == "mass")
            assert [c.node for c in region.cuts] == [c.node for c in mine.cuts]
        for name in shown if schema != "bsmumu" else ():
            assert nodes(getattr(library, name)) == nodes(names[name]), name
    links = [d for d in definitions if d.split("=")[0].strip() in ("parent", "prompt", "flag", "kids")]
    library = loads("define = '''\n" + "\n".join(links) + "\n'''\n")
    for name in ("parent", "prompt", "flag", "kids"):
        assert nodes(getattr(library, name)) == nodes(names[name]), name


def _nested() -> Any:
    from hzdsl.io.schema import schema_from_table

    tracks = {"prefix": "Jet_trk_", "fields": {"pt": "f32 GeV"}}
    return schema_from_table(
        {"collections": {"Jet": {"fields": {"pt": "f32 GeV"}, "nested": {"tracks": tracks}}}}, "mine"
    )
