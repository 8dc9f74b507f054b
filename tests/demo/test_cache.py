import json
import os

import numpy as np
import pytest
import uproot

from hzdsl.demo import SAMPLES, cache_folder, generate_demo
from hzdsl.demo.cache import MANIFEST
from hzdsl.demo.files import identity, write_events
from hzdsl.demo.samples import make_samples
from hzdsl.errors import HzdslError

LEPTON = {
    "pt": "float[]",
    "eta": "float[]",
    "phi": "float[]",
    "mass": "float[]",
    "charge": "int32_t[]",
    "pfRelIso03_all": "float[]",
    "pfRelIso04_all": "float[]",
    "dxy": "float[]",
    "dxyErr": "float[]",
    "dz": "float[]",
    "dzErr": "float[]",
}
BRANCHES = {
    "run": "int32_t",
    "luminosityBlock": "uint32_t",
    "event": "uint64_t",
    "PV_npvs": "int32_t",
    "PV_x": "float",
    "PV_y": "float",
    "PV_z": "float",
    "nMuon": "int32_t",
    **{f"Muon_{name}": kind for name, kind in LEPTON.items()},
    "nElectron": "int32_t",
    **{f"Electron_{name}": kind for name, kind in LEPTON.items() if name != "pfRelIso04_all"},
    "MET_pt": "float",
    "MET_phi": "float",
}


@pytest.fixture
def demo(small_demo, tmp_path):
    return generate_demo(tmp_path / "demo")


def stamps(files):
    return [f.path.stat().st_mtime_ns for f in files]


def test_eight_files_with_the_branches_of_the_original(demo):
    assert [f.name for f in demo] == [s.name for s in SAMPLES]
    for file in demo:
        with uproot.open(file.path) as root:
            tree = root["Events"]
            assert tree.typenames() == BRANCHES
            assert tree.num_entries == file.events
            assert tree["Muon_pt"].member("fLeaves")[0].member("fLeafCount") is not None
            assert tree["nMuon"].array(library="np").sum() == sum(map(len, tree["Muon_dz"].array().tolist()))


def test_files_hold_the_generated_columns(demo, small_demo, tmp_path):
    for file, (spec, seed, events) in zip(demo, make_samples(2012), strict=True):
        assert (file.name, file.seed, file.identity) == (spec.name, seed, identity(events))
        with uproot.open(file.path) as root:
            read = root["Events"].arrays(list(BRANCHES))
        for name, column in events.flat().items():
            stored = read[name]
            flat = np.asarray(stored.layout.content.data if stored.ndim == 2 else stored.layout.data)
            np.testing.assert_array_equal(flat, column, err_msg=name)


def test_a_second_call_writes_nothing(demo):
    before = stamps(demo)
    again = generate_demo(demo[0].path.parent)
    assert again == demo
    assert stamps(again) == before


def test_another_seed_replaces_the_files(demo):
    other = generate_demo(demo[0].path.parent, seed=7)
    assert all(a.identity != b.identity for a, b in zip(demo, other, strict=True))
    back = generate_demo(demo[0].path.parent)
    assert [f.identity for f in back] == [f.identity for f in demo]


def damage_size(folder):
    path = folder / "ZZTo4e.root"
    path.write_bytes(path.read_bytes()[:-10])


def remove_a_file(folder):
    (folder / "Run2012C_DoubleElectron.root").unlink()


def break_manifest(folder):
    (folder / MANIFEST).write_text("{]")


def older_generator(folder):
    document = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(document | {"generator": 0}))


def foreign_manifest(folder):
    (folder / MANIFEST).write_text('{"generator": 1, "seed": 2012, "files": [{"name": "../x"}, 3]}')


@pytest.mark.parametrize("harm", [damage_size, remove_a_file, break_manifest, older_generator, foreign_manifest])
def test_what_does_not_fit_is_generated_again(demo, harm):
    folder = demo[0].path.parent
    harm(folder)
    again = generate_demo(folder)
    assert [f.identity for f in again] == [f.identity for f in demo]
    assert all(f.path.stat().st_size == f.size for f in again)
    assert generate_demo(folder) == again


def test_nothing_but_the_files_is_left(demo):
    folder = demo[0].path.parent
    assert sorted(os.listdir(folder)) == sorted([MANIFEST, *(f.path.name for f in demo)])


def test_manifest_records_version_and_seeds(demo):
    document = json.loads((demo[0].path.parent / MANIFEST).read_text())
    assert document["seed"] == 2012
    assert [row["seed"] for row in document["files"]] == [f.seed for f in demo]


def test_progress_rises_to_one(small_demo, tmp_path):
    seen = []
    generate_demo(tmp_path, progress=lambda name, fraction: seen.append((name, fraction)))
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], seen[-1]) == (0.0, ("", 1.0))
    assert [name for name, _ in seen[:-1]] == [s.name for s in SAMPLES]


def test_two_files_of_a_period_share_events_with_leptons_of_both_kinds(demo):
    columns = ["run", "luminosityBlock", "event", "nMuon", "nElectron"]
    tables = {f.name: uproot.open(f.path)["Events"].arrays(columns, library="np") for f in demo}
    for period in ("Run2012B", "Run2012C"):
        mu, el = tables[f"{period}_DoubleMuParked"], tables[f"{period}_DoubleElectron"]
        assert mu["nMuon"].min() >= 2
        assert el["nElectron"].min() >= 2
        assert set(mu["event"][mu["nElectron"] >= 2]) == set(el["event"][el["nMuon"] >= 2])


def test_a_folder_that_cannot_be_written_is_reported(small_demo, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(HzdslError, match="cannot be written") as caught:
        generate_demo(tmp_path / "taken")
    assert caught.value.code == "output-exists"


def test_a_failed_write_leaves_the_old_file(small_demo, tmp_path, monkeypatch):
    path = tmp_path / "x.root"
    path.write_bytes(b"old")
    _, _, events = next(make_samples(1))
    monkeypatch.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_events([events], path)
    assert os.listdir(tmp_path) == ["x.root"]
    assert path.read_bytes() == b"old"


def test_cache_folder_follows_xdg(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "hzdsl" / "demo"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "hzdsl" / "demo"


def test_weights_give_the_expected_number_of_events():
    for spec in SAMPLES:
        if spec.generated:
            assert spec.weight * spec.generated == pytest.approx(11580.0 * spec.cross_section * spec.k_factor)
        else:
            assert spec.weight == 1.0
