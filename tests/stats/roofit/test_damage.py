"""Files that are cut, and bytes that are others: an error of hzdsl or records, never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.io.guard import damage
from hzdsl.stats.roofit.layouts import Layouts
from hzdsl.stats.roofit.objects import Objects
from hzdsl.stats.roofit.records import Workspace
from hzdsl.stats.roofit.workspace import read_data, read_workspace, workspace_of

FILE = Path(__file__).with_name("data") / "written_by_root.root"


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_cut_files(part: float, tmp_path: Path) -> None:
    whole = FILE.read_bytes()
    cut = tmp_path / "cut.root"
    cut.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(HzdslError) as e:
        read_workspace(str(cut), "w")
    assert e.value.code == "file-truncated"


def test_other_files(tmp_path: Path) -> None:
    other = tmp_path / "w.root"
    other.write_text("no file of ROOT's")
    with pytest.raises(HzdslError) as e:
        read_workspace(str(other))
    assert e.value.code == "file-format"


@pytest.mark.parametrize("seed", range(25))
def test_other_bytes_in_a_file(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    data = bytearray(FILE.read_bytes())
    for _ in range(rng.choice([1, 3, 30])):
        data[rng.randrange(100, len(data))] = rng.randrange(256)
    path = tmp_path / "bytes.root"
    path.write_bytes(data)
    for read in (lambda: read_workspace(str(path), "small"), lambda: read_data(str(path), "linked")):
        try:
            read()
        except HzdslError as e:
            assert e.code in {"file-truncated", "file-format", "object-missing", "class-unknown"}


def test_other_bytes_in_a_workspace() -> None:
    """Most damage of a file is seen when it is unpacked; here it is done afterwards."""
    with uproot.open(FILE) as file:
        key = file.key("small")
        chunk, cursor = key.get_uncompressed_chunk_cursor()
        whole, layouts = bytes(chunk.raw_data[cursor.index :]), Layouts(file.file.streamers)
    found = []
    for seed in range(400):
        rng = random.Random(seed)
        data = bytearray(whole)
        for _ in range(rng.choice([1, 2, 20])):
            data[rng.randrange(len(data))] = rng.choice([0, 1, 0x40, 0x80, 0xFF, rng.randrange(256)])
        try:
            with damage("small"):
                objects = Objects(bytes(data), key.fKeylen, layouts, "RooWorkspace", lambda name: None)
                found.append(workspace_of(objects, objects.top(), "small"))
        except HzdslError as e:
            assert e.code == "file-truncated"
            assert "damaged" in str(e)
    assert all(isinstance(w, Workspace) for w in found)
    assert 0 < len(found) < 400
