"""The bound of memory: that it holds, that runs keep below a limit, and that their bits are the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

import hzdsl as hz
from hzdsl.backends.base import Fill, Program, Regular, Selection
from hzdsl.errors import HzdslError
from hzdsl.io.opening import open_source
from hzdsl.io.source import Pieces
from hzdsl.ir.build import const
from hzdsl.results.serialise import to_json
from hzdsl.run.analysis import of_files, run
from hzdsl.run.options import Options
from hzdsl.run.program.backend import backend_of
from hzdsl.run.resources.estimate import estimate
from hzdsl.run.resources.memory import START, Memory, result_bytes
from tests.event_files import write, write_ntuple
from tests.run.muons import document, identifiers, muons

ROOT = Path(__file__).resolve().parents[3]
#: What a process of its own does: the run of an analysis of flat columns and lists; it says what it took. (`getrusage`
#: would tell the peak of the process that started it, where that was higher.)
PEAK = """
import sys
from hzdsl.text import load
from hzdsl.run import run
spec, file, size, threads = sys.argv[1:]
result = run(load(spec).document, [file], chunk_size=int(size), threads=int(threads))
assert result.events == 300_000
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
SPEC = """
[analysis]
name = "wide"
schema = "wide.toml"

[[histogram]]
name = "all"
expr = "{expr}"
bins = 10
range = [0, 100]
"""


def wide(folder: Path, n: int = 300_000) -> tuple[Path, Path]:
    """Write a file of 16 flat columns and 8 of lists, and an analysis that reads them all."""
    rng = np.random.default_rng(1)
    flat = {f"x{i}": rng.normal(i, 1, n) for i in range(16)}
    counts = rng.integers(0, 8, n)
    fields = {f"a{i}": rng.normal(i, 1, int(counts.sum())).astype(np.float32) for i in range(8)}
    path = write(folder / "wide.root", {**flat, "Thing": ak.unflatten(ak.zip(fields), counts)}, baskets=10)
    schema = "[schema]\n" + "".join(f'fields.x{i} = "f64"\n' for i in range(16))
    schema += '[schema.collections.Thing]\ncounter = "nThing"\n' + "".join(f'fields.a{i} = "f32"\n' for i in range(8))
    (folder / "wide.toml").write_text(schema)
    sums = " + ".join([*(f"x{i}" for i in range(16)), *(f"sum(Thing.a{i})" for i in range(8))])
    (folder / "spec.toml").write_text(SPEC.format(expr=sums))
    return path, folder / "spec.toml"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return wide(tmp_path_factory.mktemp("wide"))


def peak(path: Path, spec: Path, size: int, threads: int) -> int:
    """Run the analysis in a process of its own, and return the bytes that it took at most."""
    command = [sys.executable, "-c", PEAK, str(spec), str(path), str(size), str(threads)]
    return 1024 * int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def least(large):
    """What a process takes whose chunks are as small as the sets of baskets."""
    return peak(*large, 30_000, 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak of a process")
@pytest.mark.parametrize(("size", "threads"), [(300_000, 1), (150_000, 2)])
def test_a_process_takes_no_more_than_was_planned(large, least, size, threads):
    path, spec = large
    planned, small = planned_memory(path, spec, size, threads), planned_memory(path, spec, 30_000, 1)
    assert least <= small.total
    taken = peak(path, spec, size, threads)
    assert taken <= planned.total
    assert 10_000_000 < taken - least <= planned.total - small.start  # the share of the start cannot hide the rest
    values = 16 * 8 + 3.5 * 8 * 4  # bytes per event
    assert values * size < planned.columns < 2.5 * values * size


def planned_memory(path: Path, spec: Path, size: int | None, threads: int) -> Memory:
    doc = of_files(hz.load(str(spec)).document, (str(path),))
    return estimate(doc, {}, Options(backend_of("codegen"), threads, chunk_size=size)).memory


def test_bits_do_not_depend_on_the_limit(large):
    path, spec = large
    doc = hz.load(str(spec)).document
    free = to_json(run(doc, [path]))
    for limit in (START + 15_000_000, START + 40_000_000):
        assert to_json(run(doc, [path], threads=2, max_memory=limit)) == free


def test_chunks_become_smaller_and_threads_fewer_as_the_limit_says(large):
    path, spec = large
    doc = of_files(hz.load(str(spec)).document, (str(path),))

    def found(extra: int) -> Memory:
        return estimate(doc, {}, Options(backend_of("codegen"), 2, max_memory=START + extra)).memory

    roomy, tight, narrow = found(10**9), found(30_000_000), found(15_000_000)
    assert (roomy.threads, tight.threads, narrow.threads) == (2, 2, 1)
    assert roomy.entries > tight.entries == narrow.entries == 30_000  # one set of baskets
    assert all(m.total <= START + x for m, x in ((tight, 30_000_000), (narrow, 15_000_000)))


def test_too_little_is_refused_and_says_what_needs_how_much(large):
    path, spec = large
    with pytest.raises(HzdslError) as refused:
        run(hz.load(str(spec)).document, [path], max_memory=150_000_000)
    text = str(refused.value)
    assert refused.value.code == "memory"
    assert "150 MB of memory is not enough" in text
    assert f"{START // 10**6} MB  the process before it reads" in text
    assert "the columns of 30000 entries" in text
    assert "give it 3" in text


def test_a_given_size_of_chunks_is_kept_or_refused(large):
    path, spec = large
    doc = hz.load(str(spec)).document
    with pytest.raises(HzdslError, match="a smaller --chunk-size"):
        run(doc, [path], chunk_size=300_000, max_memory=START + 20_000_000)


def test_the_interpreter_and_clusters_are_not_planned(events):
    with pytest.raises(HzdslError, match="'interpret' is not planned"):
        run(document(), [events], backend="interpret", max_memory=10**9)
    with pytest.raises(HzdslError, match="not of a cluster"):
        run(document(), [events], client=object(), max_memory=10**9)
    with pytest.raises(HzdslError, match="max_memory is 0"):
        run(document(), [events], max_memory=0)


def test_the_bytes_of_histograms_are_those_of_the_kernel():
    weights = (const(1.0), const(2.0))
    program = Program(
        (Selection((const(True),), weights=weights[:1]),),
        (Fill((const(1.0), const(2.0)), (Regular(10, 0, 1), Regular(3, 0, 1)), weights=weights),),
    )
    from hzdsl.backends.base import Chunk

    partial = backend_of("codegen").compile(program).run(Chunk(1, {}, {}), {})
    arrays = [*partial.counts, *partial.sums, *partial.flows]
    assert result_bytes(program) == sum(a.nbytes for a in arrays) + 8 * 2  # and the cutflow's counts, one to spare


@pytest.mark.parametrize("form", ["tree", "ntuple", "parquet"])
def test_pieces_hold_at_least_what_is_read(form, tmp_path):
    columns = {**identifiers(2000), **muons(2000)}
    path = tmp_path / ("a.parquet" if form == "parquet" else "a.root")
    if form == "parquet":
        pytest.importorskip("pyarrow")
        ak.to_parquet(ak.Array(columns), path, row_group_size=500)
    else:
        (write if form == "tree" else write_ntuple)(path, columns)
    with open_source(str(path)) as source:
        for name in source.columns:
            pieces, column = source.pieces(name), source.read([name], 0, source.entries)[name]
            assert pieces.edges[0] == 0
            assert pieces.edges[-1] == source.entries
            assert column.content.nbytes <= pieces.sizes.sum() <= 16 * (column.content.nbytes + 8 * source.entries)
            for start, stop in ((0, 1), (499, 1501), (1999, 2000)):
                part = source.read([name], start, stop)[name].content.nbytes
                assert part <= pieces.within(np.array([start]), np.array([stop]))[0]


def test_a_range_takes_the_pieces_that_it_touches():
    pieces = Pieces(np.array([0, 10, 30]), np.array([5, 7]))
    assert pieces.within(np.array([0, 9, 10, 29]), np.array([10, 11, 30, 30])).tolist() == [5, 12, 7, 7]
