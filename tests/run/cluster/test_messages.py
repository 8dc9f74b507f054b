"""What travels to workers, as bytes: another process makes the same graphs of it, which give the same bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.ir.packed import pack
from hzdsl.run.cluster.messages import Broadcast
from hzdsl.run.options import Retry
from hzdsl.run.program.bind import bind
from hzdsl.run.program.parameters import resolve
from hzdsl.version import __version__
from tests.analyses.files import ANALYSES, analyses
from tests.run.muons import document

FILES = [p.relative_to(ANALYSES) for p in analyses("toml", "adl", "py")]
STEERING = {"opendata2012.toml", "seed_4mu.toml"}

#: Reads broadcasts and writes each again; what Python interns is this process's own.
READ = """
import sys
from pathlib import Path
from hzdsl.run.cluster.messages import Broadcast

for path in map(Path, sys.argv[1:]):
    path.with_suffix(".again").write_bytes(Broadcast.unpacked(path.read_bytes()).packed())
"""


def broadcast(analysis, version: str = __version__) -> Broadcast:
    """What workers are told of an analysis, of which nothing is read."""
    values = resolve(analysis, {})
    kinds = ("simulation", "data")
    programs = tuple(bind(analysis, values, tables=True, kind=kind).program for kind in kinds)
    return Broadcast(version, "interpret", programs, (), values, True, "", None, False, Retry())


def documents():
    """All analyses of the repository, without libraries and steering files."""
    for file in FILES:
        if file.name not in STEERING and "configs" not in file.parts:
            yield hz.load(ANALYSES / file).document


def test_another_process_reads_the_analyses(tmp_path: Path) -> None:
    told = [broadcast(analysis) for analysis in documents()]
    assert len(told) >= 7
    paths = [tmp_path / f"{i}.graph" for i in range(len(told))]
    for path, message in zip(paths, told, strict=True):
        path.write_bytes(message.packed())
        assert Broadcast.unpacked(path.read_bytes()) == message
    done = subprocess.run([sys.executable, "-c", READ, *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(p.read_bytes() == p.with_suffix(".again").read_bytes() for p in paths)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"something else", "hold no graph"),
        (pack(("0" * 64, 5)), f"the run is of hzdsl ., its workers have {__version__}"),
        (broadcast(document(), "0.0.1").packed(), "the run is of hzdsl 0.0.1"),
    ],
)
def test_something_else_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(HzdslError, match=words) as caught:
        Broadcast.unpacked(data)
    assert caught.value.code == "graph-format"
