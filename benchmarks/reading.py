"""What a further event costs: reading, unpacking and the three channels of df103, against reading alone.

    python reading.py [--events 1000000] [--baskets 2000 200000] [--codecs ZLIB LZ4 ZSTD] [--repeats 3]

Every measurement is a process of its own that works through a file, and through one of three times as many events: half
the difference is what further events cost, without imports, opening and compiling. `unpacking` calls the C library that
unpacks (libdeflate, LZ4, ...) on the same baskets in memory, from Python; `uproot.iterate` reads the same columns and
does nothing with them.
Writes results/reading.md, reading.json and reading.png.
"""

import argparse
import json
import statistics
import subprocess
import sys

import harness
import make_events
from harness import HERE

PACKAGES = ("numpy", "awkward", "uproot", "deflate", "lz4", "zstandard", "llvmlite")
LONGER = 3
REFERENCE = "unpacking"
#: What is measured, and on how many threads.
ROWS = (
    (REFERENCE, "unpacking", 1),
    ("uproot.iterate", "uproot", 1),
    ("hzdsl", "hzdsl", 1),
    ("hzdsl, checks left out", "trusting", 1),
    ("hzdsl, 2 threads", "hzdsl", 2),
)


def files(options, codec, basket):
    """Two files of this kind, the second of more events, in the page cache."""
    numbers = (options.events, LONGER * options.events)
    paths = [make_events.ensure_events(options.folder, n, basket, options.seed, codec) for n in numbers]
    for path in paths:
        harness.cached(path)
    return [str(path) for path in paths]


def measured(what, threads, paths):
    """What as many further events cost as the first file has: seconds, and seconds of processor time."""
    command = [sys.executable, str(HERE / "read_once.py"), what, str(threads), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{what}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def race(paths, repeats):
    """Measure all in turn, again and again; return the numbers by name."""
    found = {name: [] for name, _, _ in ROWS}
    for i in range(repeats):
        for name, what, threads in ROWS:
            found[name].append(measured(what, threads, paths))
            print(f"{i + 1}/{repeats} {name}: {found[name][-1]['seconds']:.3f} s", file=sys.stderr)
    return found


def middle(runs, key="seconds"):
    """Median of some measurements."""
    return statistics.median(m[key] for m in runs)


def table(found, events):
    """Markdown of one kind of file."""
    by, by_cpu = (middle(found[REFERENCE], key) for key in ("seconds", "cpu_seconds"))
    lines = ["| | s per 10⁶ events | ratio | fastest – slowest | CPU s | ratio |", "|---|---|---|---|---|---|"]
    for name, runs in found.items():
        seconds, wall, processor = [m["seconds"] for m in runs], middle(runs), middle(runs, "cpu_seconds")
        scale = 1e6 / events
        spread = f"{min(seconds) * scale:.3f} – {max(seconds) * scale:.3f}"
        numbers = f"{wall * scale:.3f} | {wall / by:.2f} | {spread} | {processor * scale:.3f}"
        lines.append(f"| {name} | {numbers} | {processor / by_cpu:.2f} |")
    return "\n".join(lines)


def draw(every, path):
    """Ratios to unpacking alone, a group of bars per kind of file."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    names = [name for name, _, _ in ROWS if name != REFERENCE]
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    for k, name in enumerate(names):
        medians = [middle(found[name]) / middle(found[REFERENCE]) for found in every.values()]
        places = [i + 0.8 * (k - (len(names) - 1) / 2) / len(names) for i in range(len(every))]
        bars = axes.bar(places, medians, 0.8 / len(names), label=name)
        axes.bar_label(bars, fmt="%.2f", fontsize=8)
    axes.axhline(1, color="black", lw=1, ls="--", label="unpacking alone, 1 thread")
    axes.set_xticks(range(len(every)), every)
    axes.set_ylabel("time of a further event, relative to unpacking")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--baskets", type=int, nargs="+", default=[2_000, 200_000], help="events per basket")
    parser.add_argument("--codecs", nargs="+", default=["ZLIB", "LZ4", "ZSTD"])
    parser.add_argument("--seed", type=int, default=make_events.SEED)
    parser.add_argument("--folder", help="where the files are kept (default: the user's cache)")
    harness.add_arguments(parser)
    return parser.parse_args()


def main():
    """Measure every kind of file."""
    options = parse()
    kinds = {
        f"{codec}, {basket:,} events per basket": files(options, codec, basket)
        for codec in options.codecs
        for basket in options.baskets
    }
    info = harness.machine(PACKAGES)
    every = {}
    for kind, paths in kinds.items():
        print(kind, file=sys.stderr)
        every[kind] = race(paths, options.repeats)
    setup = (
        f"What a further event costs: the slope between {options.events:,} and {LONGER * options.events:,} events, "
        f"files in the page cache; medians of {options.repeats} processes each. Ratios are to unpacking the same "
        "baskets, in memory, with the same C library."
    )
    tables = [f"## {kind}\n\n{table(found, options.events)}" for kind, found in every.items()]
    text = harness.page("Reading", setup, *tables, "![](reading.png)", harness.where(info))
    harness.save("reading", text, {"machine": info, "events": options.events, "results": every}, options.output)
    draw(every, options.output / "reading.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
