"""Kernels alone, on events in memory: compiling (cold and from the cache), and events per second on one thread.

    python kernels.py [--repeats 5] [--events 200000] [--only NAME...] [--graphs NODES...]

Processor time, the least of some repeats; nothing is read from files. Writes results/kernels.md and kernels.json.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path

import numpy as np
from harness import add_arguments, chosen, machine, page, save, where
from make_events import piece

import hzdsl as hz
from hzdsl import GeV
from hzdsl.backends.base import NUMPY, Chunk
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.program import emit_program
from hzdsl.backends.codegen.table import ROWS
from hzdsl.caches import Cache
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import topological
from hzdsl.native import KERNELS
from hzdsl.run.program.bind import bind

HERE = Path(__file__).resolve().parent
LANGUAGE = HERE.parents[1] / "shared" / "LANGUAGE.md"
GRAPHS = (1000, 2000, 5000, 10_000, 20_000)


@dataclass(frozen=True)
class Case:
    """A program, and events to run it on."""

    name: str
    program: Callable
    chunk: Callable


# ---- analyses ------------------------------------------------------------------------------------------------------


def bound(analysis, channels=()):
    return bind(analysis.document(), {}, channels=channels, kind="simulation").program


def df103(channels):
    return bound(run_path(str(HERE.parent / "analyses" / "higgs4l" / "higgs4l.py"))["ana"], channels)


def adl():
    return bound(run_path(str(HERE.parent / "analyses" / "adl" / "adl.py"))["ana"])


def trijets():
    """Task 6 of the ADL benchmark."""
    ev, ana = hz.events("nanoaod"), hz.Analysis("trijets")
    tri = hz.triple(ev.Jet).nearest(172.5)
    ana.histogram("pt", tri.pt, bins=100, range=(15, 40))
    ana.histogram("btag", hz.max(tri.legs.btag), bins=100, range=(0, 1))
    return bound(ana)


def four_leptons():
    """The worked example of the language: leptons, FSR photons, all ZZ, the best one, the fiducial volume."""
    from tests.language.shared_examples import examples

    names = {"hz": hz, "GeV": GeV, "cm": hz.cm, "ev": hz.events("nanoaod"), "ana": hz.Analysis("hzz")}
    exec(examples()["c"].python, names)
    return bound(names["ana"])


def dimuon(weights=0, scales=0):
    """A dimuon mass and a few more in a region, with variations of the weight or of the muons' pt."""
    ev, ana = hz.events("nanoaod"), hz.Analysis("dimuon")
    pt = ev.Muon.pt
    for i in range(scales):
        pt = hz.vary(pt, **{f"scale{i}": (ev.Muon.pt * (1 + 0.002 * (i + 1)), ev.Muon.pt * (1 - 0.002 * (i + 1)))})
    mu = ev.Muon.assign(pt=pt)
    good = mu[(mu.pt > 20 * GeV) & (abs(mu.eta) < 2.4)]
    z = hz.pair(good).opposite_charge().nearest(91.2)
    weight = ev.genWeight
    for i in range(weights):
        weight = hz.vary(
            weight, **{f"weight{i}": (ev.genWeight * (1 + 0.01 * (i + 1)), ev.genWeight * (1 - 0.01 * (i + 1)))}
        )
    ana.weight("gen", weight)
    region = ana.region("z", hz.count(good) >= 2, z.mass.between(60 * GeV, 120 * GeV))
    ana.histogram("mass", z.mass, bins=60, range=(60, 120), region=region)
    ana.histogram("pt", z.pt, bins=50, range=(0, 200), region=region)
    return bound(ana)


def graph(nodes):
    """Regions with five histograms each, no two alike, until there are about so many nodes."""
    ev, ana = hz.events("nanoaod"), hz.Analysis("graph")
    mu, jet = ev.Muon, ev.Jet
    for i in range(max(1, nodes // 49)):
        cut = (20 + 0.25 * i) * GeV
        soft, hard = jet[jet.pt > cut], mu[mu.pt > cut / 2]
        region = ana.region(f"r{i}", hz.count(soft) >= 2, hz.count(hard) >= 1, hz.sum(soft.pt) > 4 * cut)
        observables = {
            "ht": hz.sum(soft.pt), "lead": soft[0].pt, "dr": hz.delta_r(soft[0], hard[0]),
            "mass": (soft[0] + soft[1]).mass, "met": ev.MET.pt + cut,
        }  # fmt: skip
        for name, x in observables.items():
            ana.histogram(name, x, bins=50, range=(0, 500), region=region)
    return bound(ana)


# ---- events --------------------------------------------------------------------------------------------------------


def leptons(n):
    """Events of the benchmark's file."""
    columns = piece(1, 0, 0, n).flat()
    offsets = {c: np.concatenate([[0], np.cumsum(columns.pop(f"n{c}"))]).astype(np.int64) for c in ("Muon", "Electron")}
    return lambda program: Chunk(n, columns, offsets)


def drawn(n, least, most):
    """Events whose collections have from `least` to `most` elements, and plausible numbers in every column."""

    def make(program):
        rng = np.random.default_rng(1)
        offsets = {
            c.text("name"): np.concatenate([[0], np.cumsum(rng.integers(least, most + 1, n))]).astype(np.int64)
            for c in program.collections()
        }
        columns = {}
        for column in program.columns():
            axis = column.args[0]
            size = n if axis is EVENT else int(offsets[axis.text("name")][-1])
            columns[column.text("name")] = _numbers(rng, column, size)
        return Chunk(n, columns, offsets)

    return make


def _numbers(rng, column, n):
    name, dtype = column.text("name").rpartition("_")[2], NUMPY[column.type.dtype]
    known = {
        "pt": lambda: 8 + rng.exponential(30, n), "eta": lambda: rng.uniform(-2.3, 2.3, n),
        "phi": lambda: rng.uniform(-3.1, 3.1, n), "mass": lambda: rng.uniform(0.1, 10, n),
        "charge": lambda: np.resize([1, -1, -1, 1], n), "genWeight": lambda: rng.normal(1, 0.3, n),
        "dxyErr": lambda: np.full(n, 1.0), "dzErr": lambda: np.full(n, 1.0), "status": lambda: np.ones(n),
    }  # fmt: skip
    if name in known:
        return known[name]().astype(dtype)
    if dtype.kind == "b":
        return np.ones(n, np.bool_)
    return rng.uniform(0, 0.1, n).astype(dtype) if dtype.kind == "f" else rng.integers(0, 2, n).astype(dtype)


CASES = (
    Case("df103 4mu, four muons each", lambda: df103(["4mu"]), lambda n: drawn(n, 4, 4)),
    Case("df103 4mu", lambda: df103(["4mu"]), leptons),
    Case("df103, 3 channels", lambda: df103([]), leptons),
    Case("ADL task 6, 4 jets", trijets, lambda n: drawn(n, 4, 4)),
    Case("ADL task 6, 0 to 6 jets", trijets, lambda n: drawn(n, 0, 6)),
    Case("ADL tasks 1 to 8", adl, lambda n: drawn(n, 0, 6)),
    Case("H → 4l with FSR", four_leptons, lambda n: drawn(n, 1, 3)),
    Case("dimuon", dimuon, lambda n: drawn(n, 0, 4)),
    Case("dimuon, 50 variations of the weight", lambda: dimuon(weights=25), lambda n: drawn(n, 0, 4)),
    Case("dimuon, 10 variations of pt", lambda: dimuon(scales=5), lambda n: drawn(n, 0, 4)),
)


# ---- measuring -----------------------------------------------------------------------------------------------------


def least(repeats, call):
    """Return the least processor time of some calls, and what the last one returned."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def instructions(program):
    """Return how many instructions are emitted, before LLVM optimises them."""
    module, _ = emit_program(program, ROWS)
    return sum(line.startswith("  ") for line in str(module).splitlines())


def compiled(program, repeats):
    """Return the seconds of compiling, of loading from the cache, and a kernel."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(KERNELS, Path(folder))
        cold, _ = least(min(repeats, 3), lambda: CodegenBackend().compile(program))
        CodegenBackend(cache=cache).compile(program)
        cached, kernel = least(2 * repeats, lambda: CodegenBackend(cache=cache).compile(program))
    return cold, cached, kernel


def row(case, repeats, events):
    program = case.program()
    cold, cached, kernel = compiled(program, repeats)
    chunk, small = (case.chunk(n)(program) for n in (events, 1))
    seconds, partial = least(repeats, lambda: kernel.run(chunk, {}))
    call, _ = least(20 * repeats, lambda: kernel.run(small, {}))
    passed = partial.passed[0][-1] if partial.passed and len(partial.passed[0]) else events
    return (
        f"| {case.name} | {instructions(program)} | {1e3 * cold:.0f} | {1e3 * cached:.1f} | {1e3 * call:.2f} | "
        f"{events / seconds / 1e6:.2f} | {1e9 * seconds / events:.0f} | {passed / events:.2f} |"
    )


def graph_row(size):
    """Compile a generated graph, and say what it took per node."""
    program = graph(size)
    nodes = len(topological(program.roots()))
    cold, cached, _ = compiled(program, 1)
    measures = f"{nodes} | {len(program.selections)} | {instructions(program)}"
    return f"| {measures} | {cold:.2f} | {1e3 * cached:.0f} | {1e6 * cold / nodes:.0f} |"


def main():
    """Measure what was asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, repeats=5)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--graphs", nargs="*", type=int, default=GRAPHS, help="sizes of the generated graphs, in nodes")
    options = parser.parse_args()
    info = machine(["numpy", "llvmlite"])  # before the load is ours
    known = [c for c in CASES if c.program is not four_leptons or LANGUAGE.exists()]
    rows = [row(c, options.repeats, options.events) for c in chosen(known, options)]
    sizes = [graph_row(size) for size in options.graphs]
    kernels = [
        "| | instructions | cold ms | cached ms | one event ms | million events/s | ns/event | selected |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    graphs = [
        "| nodes | regions | instructions | cold s | cached ms | µs/node |",
        "|---|---|---|---|---|---|",
        *sizes,
    ]
    setup = (
        f"{options.events:,} events in memory, one thread, processor time, the least of {options.repeats}. "
        "Cold: emitted, optimised and loaded; cached: loaded; one event: what a chunk costs beside its events; "
        "selected: the share of events in the first region."
    )
    text = page("Kernels alone", setup, "\n".join(kernels), "\n".join(graphs), where(info))
    save("kernels", text, {"machine": info, "kernels": rows, "graphs": sizes}, options.output)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    sys.exit(main())
