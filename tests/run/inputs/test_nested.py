"""Lists of lists: a collection of each element of a collection, in files of every format and in both backends."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl import GeV, HzdslError
from hzdsl.io.schema import Schema, schema_from_table
from tests.event_files import write_ntuple

TABLE = {
    "collections": {
        "jet": {
            "units": {"pt": "GeV"},
            "nested": {"tracks": {"prefix": "jet_trk_"}, "layers": {"value": "f32 GeV: energies"}},
        }
    }
}


def schema() -> Schema:
    return schema_from_table(TABLE, "nested")


def events(n: int = 500) -> dict[str, ak.Array]:
    rng = np.random.default_rng(11)
    jets = rng.integers(0, 4, n)
    tracks, layers = rng.integers(0, 5, jets.sum()), rng.integers(0, 3, jets.sum())

    def nested(counts, values):
        return ak.unflatten(ak.unflatten(values.astype(np.float32), counts), jets)

    return {
        "jet_pt": ak.unflatten(rng.exponential(40, jets.sum()).astype(np.float32), jets),
        "jet_trk_pt": nested(tracks, rng.exponential(4, tracks.sum())),
        "jet_trk_eta": nested(tracks, rng.normal(0, 2, tracks.sum())),
        "jet_layers": nested(layers, rng.exponential(10, layers.sum())),
    }


@pytest.fixture(params=["parquet", "rntuple"])
def path(request, tmp_path: Path) -> Path:
    columns = events()
    if request.param == "parquet":
        path = tmp_path / "n.parquet"
        ak.to_parquet(ak.zip(columns, depth_limit=1), path)
        return path
    return write_ntuple(tmp_path / "n.root", columns)


def dumped(ana: hz.Analysis, path: Path, backend, **options) -> dict[str, np.ndarray]:
    result = ana.run(str(path), backend=backend, tables=True, **options)
    return {n: h.counts for n, h in result.histograms.items()}


def analysis() -> hz.Analysis:
    jet = hz.events(schema()).jet
    ana = hz.Analysis("nested", schema())
    ana.histogram("ht", hz.sum(hz.sum(jet.tracks.pt)), bins=40, range=(0, 80))
    ana.histogram("track_pt", jet.tracks[abs(jet.tracks.eta) < 1].pt, bins=20, range=(0, 20))
    ana.histogram("fraction", hz.sum(jet.tracks.pt) / jet.pt, bins=20, range=(0, 2))
    ana.histogram("n", hz.max(hz.count(jet.tracks)), bins=5, range=(0, 5))
    ana.histogram("layers", hz.sum(hz.count(jet.layers)), bins=8, range=(0, 8))
    ana.histogram("hardest", jet.layers[0], bins=20, range=(0, 20))
    return ana


@pytest.mark.parametrize("chunk_size", [None, 7])
def test_equal_to_awkward(path: Path, backend, chunk_size: int | None) -> None:
    counts = dumped(analysis(), path, backend, chunk_size=chunk_size)
    e = events()
    tracks = e["jet_trk_pt"]
    first = ak.flatten(ak.firsts(e["jet_layers"], axis=2))
    expected = {
        "ht": ak.sum(ak.sum(tracks, axis=2), axis=1),
        "track_pt": ak.flatten(tracks[abs(e["jet_trk_eta"]) < 1], axis=None),
        "fraction": ak.flatten(ak.sum(tracks, axis=2) / e["jet_pt"]),
        "n": ak.drop_none(ak.max(ak.num(tracks, axis=2), axis=1)),
        "layers": ak.sum(ak.num(e["jet_layers"], axis=2), axis=1),
        "hardest": ak.drop_none(first),
    }
    for h in analysis().document().histograms:
        edges = [float(b) for b in hz_edges(h.name)]
        found = np.histogram(ak.to_numpy(expected[h.name]), bins=edges)[0]
        assert counts[h.name][1:-1].tolist() == found.tolist(), h.name
        assert counts[h.name].sum() == len(expected[h.name])


def hz_edges(name: str) -> np.ndarray:
    bins, high = {"ht": (40, 80), "n": (5, 5), "layers": (8, 8), "fraction": (20, 2)}.get(name, (20, 20))
    return np.linspace(0, high, bins + 1)


def test_lengths_alone(path: Path, backend) -> None:
    """Counting needs none of the values, and no list of the outer collection."""
    jet = hz.events(schema()).jet
    ana = hz.Analysis("n", schema())
    ana.histogram("n", hz.sum(hz.count(jet.tracks)), bins=20, range=(0, 20))
    expected = np.histogram(ak.sum(ak.num(events()["jet_trk_pt"], axis=2), axis=1), bins=20, range=(0, 20))[0]
    assert dumped(ana, path, backend)["n"][1:-1].tolist() == expected.tolist()


def test_depth_is_checked(tmp_path: Path) -> None:
    lists = ak.Array([[1.0], []])
    ak.to_parquet(ak.zip({"jet_pt": lists, "jet_trk_pt": lists}, depth_limit=1), tmp_path / "d.parquet")
    ana = hz.Analysis("d", schema())
    ana.histogram("x", hz.events(schema()).jet.tracks.pt, bins=2, range=(0, 2))
    with pytest.raises(HzdslError, match="holds a list per event, not a list of lists"):
        ana.run(str(tmp_path / "d.parquet"), backend="interpret")


def test_lists_of_other_jets(tmp_path: Path) -> None:
    """A list of lists that belongs to another number of jets is named with its entry."""
    columns = {"jet_pt": ak.Array([[1.0], [2.0, 3.0]]), "jet_trk_pt": ak.Array([[[1.0]], [[2.0]]])}
    floats = {n: ak.values_astype(x, np.float32) for n, x in columns.items()}
    ak.to_parquet(ak.zip(floats, depth_limit=1), tmp_path / "d.parquet")
    jet = hz.events(schema()).jet
    ana = hz.Analysis("d", schema())
    ana.histogram("x", hz.sum(jet.tracks.pt) / jet.pt, bins=2, range=(0, 2))
    with pytest.raises(HzdslError, match="different lengths in entry 1"):
        ana.run(str(tmp_path / "d.parquet"), backend="interpret")


def test_names_and_types() -> None:
    jet = hz.events(schema()).jet
    assert repr(jet.tracks.pt) == "<jet.tracks.pt : f32 GeV @ jet.tracks>"
    assert repr(hz.sum(hz.sum(jet.tracks.pt))).endswith(": f32 GeV @ event>")
    assert repr(jet.layers) == "<jet.layers : f32 GeV @ jet.layers>"
    assert (hz.max(jet.tracks.pt) > 1 * GeV).node.type.axis is jet.axis
