"""What the model of docs/scaling.md is fitted to, measured on this machine: CPU time, one thread.

    python benchmarks/scaling/measure.py [--events 2000000] [--repeats 5]

Reading and kernel per event, start-up and opening of files, sizes of partial results and what adding them up costs.
Of repetitions the fastest counts: the machine may be busy with other things. Writes results/measured.json.
"""

import argparse
import json
import os
import pickle
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import hzdsl as hz
from hzdsl.ir.analysis import Document
from hzdsl.run.analysis import of_files
from hzdsl.run.cluster.dask import FAN, MOST
from hzdsl.run.cluster.messages import Broadcast, Returned
from hzdsl.run.cluster.workshop import Workshop
from hzdsl.run.inputs.chunks import TARGET, read_chunk
from hzdsl.run.inputs.survey import survey_here
from hzdsl.run.options import Options, Retry
from hzdsl.run.parts.packing import to_bytes
from hzdsl.run.parts.partials import placed
from hzdsl.run.plan.planning import planned
from hzdsl.run.program.backend import backend_of
from hzdsl.run.program.parameters import resolve
from hzdsl.text import load
from hzdsl.version import __version__

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from make_events import ensure_events

HERE = Path(__file__).resolve().parent
SPEC = HERE.parents[1] / "analyses" / "higgs4l" / "higgs4l.toml"
#: A process that does what a worker does before its first event: import, read the order, compile, open the file.
WORKER = """
import sys, time
from pathlib import Path
from hzdsl.io.opening import open_source
from hzdsl.run.cluster.workshop import Workshop
imported = time.process_time()
shop = Workshop(Path(sys.argv[1]).read_bytes())
told = time.process_time()
shop._kernel(0)
compiled = time.process_time()
open_source(sys.argv[2], "Events").close()
print(imported, told - imported, compiled - told, time.process_time() - compiled)
"""


def large(variations):
    """Return an analysis of 100 histograms of 100 bins in 10 regions, with so many variations of a weight."""
    ev = hz.events("nanoaod")
    ana = hz.Analysis("large")
    pt = ev.Muon.pt
    regions = [ana.region(f"r{i}", {"two muons": hz.count(ev.Muon[pt > (5 + i) * hz.GeV]) >= 2}) for i in range(10)]
    for region, k in product(regions, range(10)):
        ana.histogram(f"h{k}", hz.sum(pt) + k * hz.GeV, bins=100, range=(0, 500), region=region)
    if variations:
        weight = 1 / (1 + hz.count(ev.Muon))
        ana.weight("w", hz.vary(weight, pdf=[weight * (1 + 0.001 * i) for i in range(1, variations + 1)]))
    return ana.document()


def bound(document: Document, path):
    """Yield what a run of a document over one file is: its plan, open."""
    document = of_files(document, (str(path),))
    values = resolve(document, {})
    return document, values, planned(document, values, Options(backend_of("codegen")))


def reading(document, path, repeats):
    """CPU time per event of reading and of the kernel, and bytes per event, over the file in chunks."""
    _, values, plan = bound(document, path)
    with plan as found:
        (job,), (tree,) = found.jobs, found.trees
        kernel = backend_of("codegen").compile(job.bound.program)
        ranges = tree.ranges(TARGET, align=True)
        with tree.looked_at() as source:
            stored = sum(source.stored_bytes(name) for name in tree.reads.names)
            read, run, seconds = [], [], []
            for _ in range(repeats):
                total = [0.0, 0.0]
                for start, stop in ranges:
                    t0 = time.process_time()
                    chunk = read_chunk(source, tree.reads, start, stop)
                    t1 = time.process_time()
                    kernel.run(chunk, values)
                    t2 = time.process_time()
                    total[0] += t1 - t0
                    total[1] += t2 - t1
                    seconds.append((t2 - t0) / (stop - start))
                read.append(total[0] / tree.entries)
                run.append(total[1] / tree.entries)
        return {
            "events": tree.entries,
            "columns": len(tree.reads.names),
            "bytes_per_event": round(stored / tree.entries, 2),
            "read_us_per_event": round(1e6 * min(read), 4),
            "kernel_us_per_event": round(1e6 * min(run), 4),
            "slowest_chunk_to_median": round(max(seconds) / statistics.median(seconds), 2),
        }


def broadcast(program, tree, values):
    """Return what all workers of a run of one tree are told."""
    return Broadcast(__version__, "codegen", (program,), (tree.reads,), values, False, "", None, False, Retry())


def partials(document, path, repeats):
    """Bytes of a partial result of one chunk, and the CPU time of adding up `FAN` of them on a worker."""
    _, values, plan = bound(document, path)
    with plan as found:
        (job,), (tree,) = found.jobs, found.trees
        program = job.bound.program
        kernel = backend_of("codegen").compile(program)
        size = min(50_000, tree.entries // FAN)
        with tree.looked_at() as source:
            parts = [
                placed(0, i * size, kernel.run(read_chunk(source, tree.reads, i * size, (i + 1) * size), values))
                for i in range(FAN)
            ]
    data = [to_bytes(p) for p in parts]
    told = broadcast(program, tree, values)
    shop, times = Workshop(told.packed()), []
    for _ in range(repeats):
        start = time.process_time()
        shop.merge(0, map(Returned, data))
        times.append(time.process_time() - start)
    return {
        "order_bytes": len(told.packed()),
        "bytes": round(statistics.mean(map(len, data))),
        "sum_of": FAN,
        "sum_ms": round(1000 * min(times), 3),
    }


def startup(document, path, repeats):
    """CPU time of a worker before its first event."""
    _, values, plan = bound(document, path)
    with plan as found, tempfile.TemporaryDirectory() as folder:
        (job,), (tree,) = found.jobs, found.trees
        order = Path(folder) / "order"
        order.write_bytes(broadcast(job.bound.program, tree, values).packed())
        command = [sys.executable, "-c", WORKER, str(order), str(path)]
        runs = [
            list(map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()))
            for _ in range(repeats)
        ]
    names = ("import_s", "order_s", "compile_s", "open_s")
    return {name: round(min(times), 4) for name, times in zip(names, zip(*runs, strict=True), strict=True)}


def planning(document, files, distinct=20):
    """CPU time per file before the first event is read, of whoever looks at the files, and of a run that is told.

    `look`: of files that nobody has seen; `known`: of those whose trees are known; `told`: workers have looked at them.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = [ensure_events(Path(folder) / "written", 1_000, 1_000, seed) for seed in range(1, distinct + 1)]
        names = [str(shutil.copy(written[i % distinct], Path(folder) / f"{i}.root")) for i in range(files)]
        os.environ["HZDSL_CACHE"] = str(Path(folder) / "cache")
        _planned(document, names[:1])  # what is imported for the first
        look = _planned(document, names[1:distinct])[0] / (distinct - 1)
        known, facts = _planned(document, names)
        several = [pickle.dumps(facts[at : at + MOST]) for at in range(0, files, MOST)]
        told, _ = _planned(document, names, lambda trees, question: (x for of in several for x in pickle.loads(of)))
        seconds = {"look_s": look, "known_s": known / files, "told_s": told / files}
        return {"files": files, **{name: round(s, 6) for name, s in seconds.items()}}


def _planned(document, names, look=survey_here):
    """Plan a run of files, and return the CPU time, and what was found about them."""
    document, facts = of_files(document, tuple(names)), []
    values = resolve(document, {})

    def noted(trees, question):
        for found in look(trees, question):
            facts.append(found)
            yield found

    start = time.process_time()
    with planned(document, values, Options(backend_of("codegen")), noted):
        return time.process_time() - start, facts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    path = ensure_events(events=args.events)
    df103 = load(SPEC).document
    found = {
        "machine": {"python": platform.python_version(), "cpu": cpu_name(), "hzdsl": __version__},
        "df103": {**reading(df103, path, args.repeats), **partials(df103, path, args.repeats)},
        "large": partials(large(0), path, args.repeats),
        "large_50_variations": partials(large(50), path, args.repeats),
        "worker": startup(df103, path, args.repeats),
        "plan": planning(df103, 400),
    }
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "measured.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


def cpu_name():
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
