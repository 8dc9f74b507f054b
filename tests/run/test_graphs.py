"""Analyses as bytes: another process makes the same analysis of them, which gives the same bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hzdsl as hz
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.packed import pack
from hzdsl.results import to_json
from hzdsl.run import run
from hzdsl.run.graphs import pack_document, pack_program, unpack_document, unpack_program
from hzdsl.run.program import bind
from tests.run.muons import document

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"
FILES = [p.relative_to(ANALYSES) for p in sorted(ANALYSES.rglob("*.*")) if p.suffix in (".toml", ".adl", ".py")]
STEERING = {"opendata2012.toml", "seed_4mu.toml"}

#: Reads documents, writes each again beside its hash; what Python interns is this process's own.
READ = """
import sys
from pathlib import Path
from hzdsl.ir.hash import analysis_hash
from hzdsl.run.graphs import pack_document, unpack_document

for path in map(Path, sys.argv[1:]):
    document = unpack_document(path.read_bytes())
    path.with_suffix(".again").write_bytes(pack_document(document))
    print(analysis_hash(document))
"""
RUN = """
import sys
from pathlib import Path
from hzdsl.results import to_json
from hzdsl.run import run
from hzdsl.run.graphs import unpack_document

print(to_json(run(unpack_document(Path(sys.argv[1]).read_bytes()), sys.argv[2], backend="interpret")))
"""


def elsewhere(program: str, *arguments: object) -> str:
    done = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(file: Path) -> Document | None:
    """The analysis of a file; None of a library or a steering file."""
    return None if file.name in STEERING or "configs" in file.parts else hz.load(ANALYSES / file).document


def test_another_process_reads_the_analyses(tmp_path: Path) -> None:
    documents = {f: d for f in FILES if (d := written(f)) is not None}
    assert len(documents) >= 7
    paths = [tmp_path / f"{i}.graph" for i in range(len(documents))]
    for path, d in zip(paths, documents.values(), strict=True):
        path.write_bytes(pack_document(d))
        assert unpack_document(path.read_bytes()) == d
    assert elsewhere(READ, *paths).split() == [analysis_hash(d) for d in documents.values()]
    assert all(p.read_bytes() == p.with_suffix(".again").read_bytes() for p in paths)


def test_another_process_runs_it_to_the_same_bits(tmp_path: Path, events: Path) -> None:
    path = tmp_path / "dimuon.graph"
    path.write_bytes(pack_document(document()))
    assert elsewhere(RUN, path, events) == to_json(run(document(), str(events), backend="interpret")) + "\n"


def test_programs_come_back() -> None:
    program = bind(document(), {"min_pt": 5.0}, tables=True, kind="simulation").program
    assert unpack_program(pack_program(program)) == program


@pytest.mark.parametrize("read", [unpack_document, unpack_program])
def test_something_else_is_refused(read) -> None:
    with pytest.raises(HzdslError) as caught:
        read(pack(("0" * 64, 5)))
    assert caught.value.code == "graph-format"


def test_an_analysis_of_another_meaning_is_refused() -> None:
    with pytest.raises(HzdslError, match="it is not the analysis that was written"):
        unpack_document(pack(("0" * 64, document())))
