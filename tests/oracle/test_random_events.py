"""The random events are what they promise."""

import numpy as np
import pytest
import uproot

from tests.oracle.random_events import random_events, write_random_events

THRESHOLDS = {
    "Muon_pt": (5.0, 10.0, 20.0),
    "Muon_eta": (2.4, -2.4),
    "Muon_pfRelIso04_all": (0.4, -0.4),
    "Muon_dxy": (0.5, -0.5),
    "Muon_dz": (1.0, -1.0),
    "Electron_pt": (7.0, 10.0, 20.0),
    "Electron_eta": (2.5, -2.5),
    "Electron_pfRelIso03_all": (0.4, -0.4),
    "Electron_dxy": (0.5, -0.5),
    "Electron_dz": (1.0, -1.0),
}


@pytest.fixture(scope="module")
def flat():
    return random_events(1, 20_000).flat()


@pytest.mark.parametrize("name", THRESHOLDS)
def test_values_lie_on_and_beside_every_threshold(flat, name):
    values = set(flat[name].tolist())
    for threshold in THRESHOLDS[name]:
        exact = np.float32(threshold)
        for value in (
            exact,
            np.nextafter(exact, np.float32(-np.inf)),
            np.nextafter(exact, np.float32(np.inf)),
        ):
            assert float(value) in values


def test_pt_and_phi_are_always_numbers(flat):
    for name in ("Muon_pt", "Muon_phi", "Electron_pt", "Electron_phi"):
        assert np.all(np.isfinite(flat[name]))
    assert np.float32(np.pi) in flat["Muon_phi"]
    assert np.float32(-np.pi) in flat["Electron_phi"]


@pytest.mark.parametrize("name", ["eta", "pfRelIso03_all", "dxy", "dxyErr", "dz", "dzErr"])
def test_the_rest_holds_nan_and_infinities(flat, name):
    for column in (flat[f"Muon_{name}"], flat[f"Electron_{name}"]):
        assert np.isnan(column).any()
        assert np.isposinf(column).any()
        assert np.isneginf(column).any()
        assert (column == 0.0).any()


def test_events_have_none_to_nine_leptons_and_their_own_numbers(flat):
    leptons = flat["nMuon"] + flat["nElectron"]
    assert leptons.min() <= 1
    assert leptons.max() == 9
    assert len(np.unique(flat["event"])) == len(flat["event"])
    assert (flat["Electron_mass"] < 0).any()


def test_equal_seeds_give_equal_bits():
    first, second, other = (random_events(seed, 500).flat() for seed in (5, 5, 6))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)
    assert first["Muon_pt"].tobytes() != other["Muon_pt"].tobytes()


def test_seeds_choose_codecs_and_baskets(tmp_path):
    codecs, baskets = set(), set()
    for seed in range(16):
        write_random_events(tmp_path / "x.root", seed, 2500)
        with uproot.open(tmp_path / "x.root") as file:
            codecs.add(type(file.file.compression).__name__)
            baskets.add(file["Events"]["Muon_pt"].num_baskets)
    assert codecs == {"ZLIB", "LZ4", "LZMA", "ZSTD"}
    assert len(baskets) >= 3


@pytest.mark.parametrize("entries", [0, 1, 2])
def test_few_events_are_a_file_too(tmp_path, entries):
    write_random_events(tmp_path / "x.root", 3, entries)
    assert uproot.open(tmp_path / "x.root")["Events"].num_entries == entries
