"""Schema tables, packaged schemas against real files, and schemas guessed from files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.schema import ObjectSchema, Schema, load_schema, packaged_names, schema_from_table
from hzdsl.io.schema.inferred import inferred_schema
from hzdsl.io.source import ColumnInfo, Source
from hzdsl.ir.types import STORED, DType

#: The schema of LANGUAGE (h, i), to the letter.
LANGUAGE = """
[schema]
fields = { B_mass = "MeV", muon_pt = "MeV", vertex_chi2 = "" }
objects.H1 = { prefix = "H1_", names = { px = "PX", py = "PY", pz = "PZ", charge = "Charge" }, units = { px = "MeV", py = "MeV", pz = "MeV" } }
collections.lep = { prefix = "lep_", names = { energy = "E", flavor = "type" }, units = { pt = "MeV", energy = "MeV" } }
collections.jet.nested.tracks = { prefix = "jet_trk_" }
collections.GenPart.links.mother = { index = "genPartIdxMother", target = "GenPart", chain = "ancestors" }
"""


def told(o: ObjectSchema) -> dict[str, str]:
    return {a: f"{f.branch} {f.dtype.value} {f.unit}".rstrip() for a, f in o.fields.items()}


def made(table: dict[str, Any]) -> Schema:
    return schema_from_table(table, "mine")


def test_the_schema_of_the_language() -> None:
    schema = schema_from_table(tomllib.loads(LANGUAGE)["schema"], "mine")
    assert {n: f"{f.dtype.value} {f.unit}" for n, f in schema.fields.items()} == {
        "B_mass": "f32 MeV",
        "muon_pt": "f32 MeV",
        "vertex_chi2": "f32 ",
    }
    h1, lep, jet, gen = (schema.objects[n] for n in ("H1", "lep", "jet", "GenPart"))
    assert h1.single
    assert told(h1) == {
        "px": "H1_PX f32 MeV",
        "py": "H1_PY f32 MeV",
        "pz": "H1_PZ f32 MeV",
        "charge": "H1_Charge i32",
    }
    assert told(lep) == {
        "pt": "lep_pt f32 MeV",
        "eta": "lep_eta f32",
        "phi": "lep_phi f32",
        "energy": "lep_E f32 MeV",
        "flavor": "lep_type i32",
    }
    assert jet.nested["tracks"].name == "jet.tracks"
    assert told(jet.nested["tracks"]) == {
        "pt": "jet_trk_pt f32 GeV",
        "eta": "jet_trk_eta f32",
        "phi": "jet_trk_phi f32",
    }
    mother = gen.links["mother"]
    assert (mother.index, mother.target, mother.chain) == ("genPartIdxMother", "GenPart", "ancestors")
    assert told(gen)["genPartIdxMother"] == "GenPart_genPartIdxMother i32"


@pytest.mark.parametrize(
    ("entry", "attributes"),
    [
        ({}, {"pt": "c_pt f32 GeV", "eta": "c_eta f32", "phi": "c_phi f32"}),
        ({"units": {"E": "GeV"}}, {"E": "c_E f32 GeV"}),
        ({"units": {"energy": "MeV"}, "names": {"mass": "m"}}, {"energy": "c_energy f32 MeV", "mass": "c_m f32 MeV"}),
        ({"fields": {"px": "f64 MeV"}, "dtype": "f64"}, {"px": "c_px f64 MeV", "py": "c_py f64 MeV"}),
        ({"fields": {"pdgId": "", "charge": ": sign"}}, {"pdgId": "c_pdgId i32", "charge": "c_charge i32"}),
        ({"fields": {"charge": "f32"}}, {"charge": "c_charge f32"}),
    ],
)
def test_what_is_left_unsaid(entry, attributes) -> None:
    assert told(made({"collections": {"c": entry}}).objects["c"]) == attributes


def test_nested_collections_have_the_energies_of_those_around_them() -> None:
    jet = {"units": {"pt": "MeV"}, "nested": {"tracks": {"names": {"pt": "ptrack"}}}}
    tracks = made({"collections": {"jet": jet}}).objects["jet"].nested["tracks"]
    assert told(tracks)["pt"] == "jet_tracks_ptrack f32 MeV"


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        ({"collection": {}}, "spec-key", "did you mean collections?"),
        ({"collections": {"a": {"prefx": ""}}}, "spec-key", "[schema.collections.a] has an unknown key 'prefx'"),
        ({"collections": {"a": {"prefix": 1}}}, "spec-value", "schema.collections.a.prefix"),
        ({"collections": {"a": 1}}, "spec-value", "schema.collections.a"),
        ({"fields": {"a": 1}}, "spec-value", "schema.fields"),
        ({"identifiers": "run"}, "spec-value", "identifiers"),
        ({"dtype": "f16"}, "spec-value", "'f16' is no dtype"),
        ({"fields": {"a": "GeW"}}, "unit", "'GeW' is not a unit"),
        ({"collections": {"a": {"flavor": "mu"}}}, "spec-value", "flavor"),
        ({"collections": {"a": {}}, "objects": {"a": {}}}, "name-twice", "'a' as a collection and an object"),
        ({"collections": {"a": {}}, "fields": {"a": ""}}, "name-twice", "'a' as a field and an object"),
        ({"collections": {"a": {"fields": {"x": ""}, "units": {"x": "GeV"}}}}, "name-twice", "says twice what 'x' is"),
        ({"collections": {"a": {"value": "f32", "fields": {"x": ""}}}}, "spec-key", "list of bare numbers"),
        ({"collections": {"a": {"links": {"b": {"index": "i", "target": "B"}}}}}, "name-unknown", "leads to 'B'"),
        ({"collections": {"a": {"links": {"b": {"index": "i"}}}}}, "spec-value", "links.b"),
        ({"collections": {"a": {"links": {"pt": {"index": "i", "target": "a"}}}}}, "name-twice", "declares 'pt' twice"),
        (
            {"collections": {"a": {"links": {"b": {"index": "i", "target": "c", "chain": "x"}}}, "c": {}}},
            "spec-value",
            "has a chain, but leads from a to c",
        ),
        ({"objects": {"a": {"nested": {}}}}, "spec-key", "unknown key 'nested'"),
    ],
)
def test_refused(table, code: str, words: str) -> None:
    with pytest.raises(HzdslError) as e:
        made(table)
    assert e.value.code == code, str(e.value)
    assert words in str(e.value)


def test_a_file_without_the_table(tmp_path: Path) -> None:
    for text in ("x = 1\n", "schema = 1\n"):
        (tmp_path / "s.toml").write_text(text)
        with pytest.raises(HzdslError, match=r"has no \[schema\] table"):
            load_schema("s.toml", str(tmp_path))


def test_links_of_nanoaod_lead_to_attributes_of_the_schema() -> None:
    objects = load_schema("nanoaod").objects
    found = {f"{o.name}.{k}": (o, link) for o in objects.values() for k, link in o.links.items()}
    assert {"Muon.jet", "Muon.gen", "Electron.photon", "Jet.gen", "FatJet.subjet1", "GenPart.mother"} <= set(found)
    for owner, link in found.values():
        assert owner.fields[link.index].dtype is DType.I32
    assert [name for name, (_, link) in found.items() if link.chain] == ["GenPart.mother"]


# ---- packaged schemas and real files -------------------------------------------------------------------------------

#: By schema: files, tree, and how much of the file's lists and the schema's attributes must be known to the other.
REAL = [
    ("nanoaod", "nanoaod_modern/**/*.root", None),
    ("nanoaod", "nanoaod_modern/**/*.parquet", None),
    ("nanoaod", "adl_benchmark/Run2012B_SingleMu_1000.root", None),
    ("nanoaod", "df103_like/signal.root", None),
    ("atlas_opendata_13tev", "atlas_13tev_4lep/data_?.4lep.root", None),
    ("atlas_opendata_13tev_2025", "atlas_13tev_4lep/ODEO*.root", None),
    ("lhcb_bhhh", "lhcb_bhhh/*.root", None),
    ("physlite", "atlas_physlite/*.root", "CollectionTree"),
]


def declared(schema: Schema) -> dict[str, tuple[DType, int]]:
    """Return dtype and depth of every branch that a schema declares."""
    found = {f.branch: (f.dtype, 0) for f in schema.fields.values()}
    for o in schema.objects.values():
        found |= {f.branch: (f.dtype, 0 if o.single else 1) for f in o.fields.values()}
        found |= {o.value.branch: (o.value.dtype, 1)} if o.value is not None else {}
        for inner in o.nested.values():
            values = [inner.value] if inner.value is not None else []
            found |= {f.branch: (f.dtype, 2) for f in (*inner.fields.values(), *values)}
    return found


def check_types(source: Source, schema: Schema) -> int:
    known, columns = declared(schema), source.columns
    for branch, (dtype, depth) in known.items():
        if branch in columns:
            stored = STORED[str(columns[branch].dtype)]
            assert columns[branch].depth == depth, branch
            assert stored is dtype or not stored.floating or (stored, dtype) == (DType.F32, DType.F64), branch
    return sum(branch in columns for branch in known)


def check_reading(source: Source, schema: Schema) -> None:
    """Read the first attribute of each collection that the file has: lists of one number per element."""
    first = [next((b for b in o.lists if b in source.columns), None) for o in schema.objects.values() if not o.single]
    names = [n for n in first if n is not None][:5]
    entries = min(10, source.entries)
    for name, column in source.read(names, 0, entries).items():
        assert column.offsets is not None, name
        assert (len(column.offsets), column.offsets[-1]) == (entries + 1, len(column.content)), name


@pytest.mark.shared
@pytest.mark.parametrize(("name", "pattern", "tree"), REAL)
def test_packaged_schemas_fit_real_files(shared: Path, name: str, pattern: str, tree: str | None) -> None:
    schema, paths = load_schema(name), sorted(shared.glob(pattern))
    assert paths, pattern
    for path in paths:
        with open_source(str(path), tree) as source:
            known = check_types(source, schema)
            assert known >= 20, path
            check_reading(source, schema)
            branches = [n for n in source.columns if schema.field(n) or n in declared(schema)]
            if name != "physlite" and "pfnano" not in path.name:
                counters = [n for n in source.columns if n.startswith(("n", "_collection")) or n.endswith("_n")]
                assert len(branches) > 0.8 * (len(source.columns) - len(counters)), path
            if name not in ("nanoaod", "physlite"):
                assert known == len(declared(schema)), path  # nothing is declared that no file has


def test_every_packaged_schema_is_checked_against_a_file() -> None:
    assert set(packaged_names()) == {name for name, *_ in REAL}


# ---- guessing ------------------------------------------------------------------------------------------------------


class Named:
    """A source that is asked for its columns only."""

    tree = "t"

    def __init__(self, *infos: ColumnInfo) -> None:
        self.columns = {i.name: i for i in infos}


def info(name: str, depth: int, kind: str = "f4", counter: str | None = None, title: str = "") -> ColumnInfo:
    return ColumnInfo(name, np.dtype(kind), depth, counter, title)


def test_guessed_collections() -> None:
    source = Named(
        info("nMuon", 0, "i4"), info("Muon_pt", 1, counter="nMuon", title="pt [GeV]"), info("Muon_q", 1, "i4", "nMuon"),
        info("lep_n", 0, "i4"), info("lep_E", 1), info("lep_trk_pt", 2), info("lep_trk_eta", 2), info("lep_cells", 2),
        info("Jets.pt", 1), info("Jets.Link.key", 1, "u4"), info("weights", 1), info("run", 0, "u4"), info("event", 0, "u8"),
        info("luminosityBlock", 0, "u4"), info("H_PX", 0, "f8"), info("H_PY", 0, "f8"), info("mu_n_extra", 0, "i4"),
    )  # fmt: skip
    schema = inferred_schema(source)
    assert {n: (o.counter, o.single) for n, o in schema.objects.items()} == {
        "Muon": ("nMuon", False), "lep": ("lep_n", False), "Jets": ("", False), "weights": ("", False), "H": ("", True),
    }  # fmt: skip
    assert told(schema.objects["Muon"]) == {"pt": "Muon_pt f32 GeV", "charge": "Muon_q i32"}
    assert told(schema.objects["H"]) == {"px": "H_PX f64", "py": "H_PY f64"}
    assert told(schema.objects["Jets"]) == {"pt": "Jets.pt f32", "Link_key": "Jets.Link.key u32"}
    nested = schema.objects["lep"].nested
    assert told(nested["trk"]) == {"pt": "lep_trk_pt f32", "eta": "lep_trk_eta f32"}
    assert nested["cells"].value is not None
    assert schema.objects["weights"].value is not None
    assert schema.identifiers == ("run", "luminosityBlock", "event")
    assert [*schema.fields] == ["run", "event", "luminosityBlock", "mu_n_extra"]


@pytest.mark.shared
def test_guessed_of_real_files_agrees_with_the_packaged(shared: Path) -> None:
    with open_source(str(shared / "nanoaod_modern" / "coffea" / "nano_tt_v15.root")) as source:
        found, packaged = inferred_schema(source), load_schema("nanoaod")
    for name in ("Muon", "Electron", "Jet", "GenPart", "MET" if "MET" in found.objects else "PuppiMET"):
        for attr, field in found.objects[name].fields.items():
            assert packaged.objects[name].fields[attr].branch == field.branch
