"""Kernels alone: compiling (cold and from the cache), events and candidates per second, and their share of a whole run.

    python kernels.py [--repeats 5] [--events 200000] [--only NAME...] [--graphs NODES...] [--file-events 2000000]

Processor time, the least of some repeats, one thread. Events are in memory, but for the share. Writes
results/kernels.md and kernels.json.
"""

import argparse
import sys
import tempfile
import time
from math import log2
from pathlib import Path

import make_events
from harness import HIGGS4L, REPOSITORY, add_arguments, chosen, figures, machine, page, save, where
from kernel_cases import graph, known

import hzdsl as hz
from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.codegen.program import emit_program
from hzdsl.backends.codegen.table import ROWS
from hzdsl.caches import Cache
from hzdsl.ir.node import topological
from hzdsl.native import KERNELS
from hzdsl.run.analysis import of_files
from hzdsl.run.inputs.chunks import TARGET, read_chunk
from hzdsl.run.options import Options
from hzdsl.run.plan.planning import planned
from hzdsl.run.program.backend import backend_of
from hzdsl.run.program.parameters import resolve

FEW = 1000  # events of a run of which nearly all comes once
GRAPHS = (5000, 8000, 16_000, 50_000)


def least(repeats, call):
    """Return the least processor time of some calls, and what the last one returned."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return min(seconds), result


# ---- kernels -------------------------------------------------------------------------------------------------------


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


def measured(case, repeats, events):
    """What the kernel of a case takes."""
    program = case.program()
    cold, cached, kernel = compiled(program, repeats)
    chunk, small = (case.chunk(n)(program) for n in (events, 1))
    seconds, partial = least(repeats, lambda: kernel.run(chunk, {}))
    call, _ = least(20 * repeats, lambda: kernel.run(small, {}))
    passed = partial.passed[0][-1] if partial.passed and len(partial.passed[0]) else events
    return {
        "name": case.name,
        "instructions": instructions(program),
        "cold_s": cold,
        "cached_s": cached,
        "one_event_s": call,
        "s_per_event": seconds / events,
        "selected": float(passed / events),
        "candidates_per_event": case.combinations(chunk) / events if case.candidates else None,
    }


def kernel_row(k):
    """Markdown of a kernel."""
    compiling = (
        f"{k['instructions']} | {1e3 * k['cold_s']:.0f} | {1e3 * k['cached_s']:.1f} | {1e3 * k['one_event_s']:.2f}"
    )
    speed = f"{1e-6 / k['s_per_event']:.2f} | {1e9 * k['s_per_event']:.0f}"
    each = k["candidates_per_event"]
    candidates = f"{each:.2f} | {1e-6 * each / k['s_per_event']:.1f}" if each else "– | –"
    return f"| {k['name']} | {compiling} | {speed} | {k['selected']:.3f} | {candidates} |"


KERNEL_TABLE = [
    "| | instructions | cold ms | cached ms | one event ms | 10⁶ events/s | ns/event | selected "
    "| trijets/event | 10⁶ trijets/s |",
    "|---|---|---|---|---|---|---|---|---|---|",
]


# ---- the share of a run --------------------------------------------------------------------------------------------


def shares(large, small, repeats):
    """What a run takes, and what it takes beside what comes once, which is nearly all of a run on few events."""
    whole, once = run_parts(large, repeats), run_parts(small, repeats)
    return {"the run": whole, "its further events": {key: whole[key] - once[key] for key in whole}}


def run_parts(path, repeats):
    """Processor time of a run of df103, of reading its columns in the same chunks, and of its kernel on them.

    Run and parts take turns, so that a machine slower for a while is so for all of them; of each the least counts.
    """
    loaded = hz.load(str(HIGGS4L))
    document = of_files(loaded.document, (str(path),))
    values = resolve(document, {})
    with planned(document, values, Options(backend_of("codegen"))) as found:
        (job,), (tree,) = found.jobs, found.trees
        kernel = backend_of("codegen").compile(job.bound.program)
        ranges = tree.ranges(TARGET, align=True)
        with tree.looked_at() as source:
            turns = []
            for _ in range(repeats + 1):  # the first warms up
                total, _ = least(1, lambda: loaded.analysis.run(str(path)))
                turns.append((total, *_reading_and_running(source, tree.reads, ranges, kernel, values)))
    total, reading, running = (min(x) for x in zip(*turns[1:], strict=True))
    return {"total_s": total, "reading_s": reading, "kernel_s": running}


def _reading_and_running(source, reads, ranges, kernel, values):
    """Seconds of reading all chunks, and of the kernel on all of them."""
    reading = running = 0.0
    for start, stop in ranges:
        t0 = time.process_time()
        chunk = read_chunk(source, reads, start, stop)
        t1 = time.process_time()
        kernel.run(chunk, values)
        reading, running = reading + t1 - t0, running + time.process_time() - t1
    return reading, running


def share_table(found, events):
    """Markdown of the shares."""
    lines = [
        f"| df103, {events:,} events | CPU s | of it reading s | kernel s | kernel | everything but reading |",
        "|---|---|---|---|---|---|",
    ]
    for name, s in found.items():
        total, reading, running = (s[key] for key in ("total_s", "reading_s", "kernel_s"))
        shares = f"{100 * running / total:.1f} % | {100 * (total - reading) / total:.1f} %"
        lines.append(f"| {name} | {figures(total)} | {figures(reading)} | {figures(running)} | {shares} |")
    return "\n".join(lines)


# ---- large graphs --------------------------------------------------------------------------------------------------


def measured_graph(size):
    """What a generated graph takes to be written and bound, compiled, and loaded again."""
    written, program = least(1, lambda: graph(size))
    cold, cached, _ = compiled(program, 1)
    return {
        "nodes": len(topological(program.roots())),
        "regions": len(program.selections),
        "instructions": instructions(program),
        "written_s": written,
        "cold_s": cold,
        "cached_s": cached,
    }


def graph_row(g):
    """Markdown of a graph."""
    n = g["nodes"]
    times = f"{g['written_s']:.2f} | {g['cold_s']:.2f} | {1e3 * g['cached_s']:.0f}"
    each = f"{1e6 * g['cold_s'] / n:.0f} | {1e6 * g['cold_s'] / (n * log2(n)):.1f}"
    return f"| {n} | {g['regions']} | {g['instructions']} | {times} | {each} |"


GRAPH = [
    "| nodes | regions | instructions | written s | compiled s | cached ms | µs/node | µs/(node · log₂ nodes) |",
    "|---|---|---|---|---|---|---|---|",
]


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, repeats=5)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--file-events", type=int, default=make_events.EVENTS, help="events of the file of the share")
    parser.add_argument("--graphs", nargs="*", type=int, default=GRAPHS, help="sizes of the generated graphs, in nodes")
    return parser.parse_args()


def main():
    """Measure what was asked for and write the page."""
    options = parse()
    large, small = (
        make_events.ensure_events(events=n, basket=min(n, make_events.BASKET)) for n in (options.file_events, FEW)
    )
    info = machine(["numpy", "llvmlite", "deflate"])  # before the load is ours
    kernels = [measured(c, options.repeats, options.events) for c in chosen(known(), options)]
    of_run = shares(large, small, options.repeats)
    graphs = [measured_graph(size) for size in options.graphs]
    setup = (
        f"{options.events:,} events in memory, one thread, processor time, the least of {options.repeats}. "
        "Cold: emitted, optimised and loaded; cached: loaded; one event: what a chunk costs beside its events; "
        "selected: the share of events in the first region; trijets: all combinations of three jets."
    )
    text = page(
        "Kernels alone", setup, "\n".join([*KERNEL_TABLE, *map(kernel_row, kernels)]),
        "## The share of a run", "In a process that has run before; reading and kernel alone on the same chunks.",
        share_table(of_run, options.file_events),
        "## Large graphs", "Regions of five histograms each, no two alike.",
        "\n".join([*GRAPH, *map(graph_row, graphs)]), where(info),
    )  # fmt: skip
    save("kernels", text, {"machine": info, "kernels": kernels, "shares": of_run, "graphs": graphs}, options.output)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))  # tests/, whose example of the language one case is
    sys.exit(main())
