"""Peak memory of a whole run of df103 by number of events: it does not grow with them.

    python memory.py [--events 200000 2000000 20000000] [--threads 1 2] [--repeats 1]

One file of each size, the largest of 2 GB: written once, 100 000 events in memory at a time, in about three minutes.
Exit status 1 if a run takes more than LIMIT. Writes results/memory.md and memory.json.
"""

import argparse
import sys
from dataclasses import replace

import df103
import harness
import make_events
from compiled import Built

EVENTS = (200_000, 2_000_000, 20_000_000)
LIMIT = 400  # MB
PACKAGES = ("numpy", "uproot", "llvmlite")
OURS = "hzdsl codegen"


def contestant(path, events, threads):
    """A run of df103 on so many events."""
    ours = next(c for c in df103.contestants(path, Built(), threads) if c.name == OURS)
    return replace(ours, name=f"{events:,} events, {threads} thread{'s' if threads > 1 else ''}")


def table(runs, sizes):
    """Markdown of memory, time and selected events of each run."""
    lines = ["| | file MB | peak MB | s | CPU s | selected |", "|---|---|---|---|---|---|"]
    for r, size in zip(runs, sizes, strict=True):
        if r.failure:
            lines.append(f"| {r.name} | {size:.0f} | failed: {r.failure} | | | |")
            continue
        selected = ", ".join(str(n) for n in r.answer.values())
        times = f"{harness.figures(r.median)} | {harness.figures(r.cpu)}"
        lines.append(f"| {r.name} | {size:.0f} | {max(r.peak_mb):.0f} | {times} | {selected} |")
    return "\n".join(lines)


def verdict(runs):
    """Whether all stay below the limit, as a sentence."""
    peaks = [max(r.peak_mb) for r in runs if not r.failure]
    return f"Least {min(peaks):.0f} MB, most {max(peaks):.0f} MB; the limit is {LIMIT} MB." if peaks else ""


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=EVENTS)
    parser.add_argument("--threads", type=int, nargs="+", default=(1, 2))
    parser.add_argument("--basket", type=int, default=make_events.BASKET, help="events per basket")
    parser.add_argument("--seed", type=int, default=make_events.SEED)
    parser.add_argument("--folder", help="where the files are kept (default: the user's cache)")
    harness.add_arguments(parser, repeats=1)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a run failed or took too much."""
    options = parse()
    paths = {n: make_events.ensure_events(options.folder, n, options.basket, options.seed) for n in options.events}
    info = harness.machine(PACKAGES)  # before the load is ours
    cases = [(path, contestant(path, n, t)) for n, path in paths.items() for t in options.threads]
    cases = [(path, c) for path, c in cases if not options.only or c.name in options.only]
    runs = harness.race([c for _, c in cases], options.repeats)
    setup = (
        f"df103, three channels, compiled; whole processes, zlib, {options.basket:,} events per basket; "
        f"the most of {options.repeats}. {verdict(runs)}"
    )
    text = harness.page("Memory", setup, table(runs, [p.stat().st_size / 1e6 for p, _ in cases]), harness.where(info))
    document = {"limit_mb": LIMIT, "machine": info, "results": [r.as_data() for r in runs]}
    harness.save("memory", text, document, options.output)
    return 1 if any(r.failure or max(r.peak_mb) > LIMIT for r in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
