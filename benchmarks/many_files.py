"""Many small files: what planning and running cost per file, and whether memory stays.

    python many_files.py --root-python PYTHON [--files 1000] [--events 1000] [--only NAME...]

df103 on a tenth of the files and on all of them; the difference is what a further file costs. `first` finds nothing
kept of these files, `again` what the first run kept. Of the files, written by uproot, DISTINCT have events of their
own, the others are copies under other names and with UUIDs of their own, so that nothing known of one is of another.
Writes results/many_files.md and many_files.json.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import df103
import harness
import make_events
from harness import HERE, Contestant, Runs

DISTINCT = 20
#: Where the UUID stands in a file.
UUID = 47
PACKAGES = ("numpy", "awkward", "uproot", "llvmlite")


def make_files(folder, number, events):
    """Return a folder of so many files; kept, as its name says all that decides its content."""
    target = folder / f"df103_v{make_events.GENERATOR_VERSION}_{number}_files_of_{events}"
    if not target.exists():
        print(f"writing {number} files into {target}", file=sys.stderr)
        part = target.with_name(f".{target.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        seeds = range(1, DISTINCT + 1)
        distinct = [make_events.ensure_events(part / "distinct", events, events, seed) for seed in seeds]
        for i in range(number):
            (part / f"{i:05}.root").write_bytes(renamed(distinct[i % DISTINCT].read_bytes(), i))
        shutil.rmtree(part / "distinct")
        os.replace(part, target)
    return target


def renamed(content, number):
    """Return the bytes of a ROOT file with another UUID, which stands at the end of the header of a file below 2 GB."""
    return content[:UUID] + number.to_bytes(16) + content[UUID + 16 :]


def contestants(folder, number, cache, root_python):
    """Return all commands on a folder of files; the first of ours with an empty cache of its own."""
    files, kept = str(folder / "*.root"), {"HZDSL_CACHE": str(cache / str(number))}
    run = df103.ours(files, 1)
    plan = [*run[:3], "plan", str(harness.HIGGS4L), files]
    opponents = HERE / "opponents"
    listed = [
        Contestant("hzdsl run, first", run, df103.counts, prepare=forget(cache / str(number)), environment=kept),
        Contestant("hzdsl run, again", run, df103.counts, environment=kept),
        Contestant("hzdsl plan, again", plan, environment=kept),
        Contestant("awkward", [sys.executable, str(opponents / "awkward_df103.py"), files], df103.counts),
    ]
    if root_python:
        command = [root_python, str(opponents / "root_df103.py"), files, "1"]
        listed.insert(0, Contestant("ROOT", command, df103.counts, df103.version))
    return listed


def forget(cache):
    """Empty a cache."""
    return lambda: shutil.rmtree(cache, ignore_errors=True)


def row(few, many, files):
    """Markdown of a contestant: both runs, and what a further file costs."""
    for runs in (few, many):
        if runs.failure:
            return f"| {runs.name} | failed: {runs.failure} | | | | | |"
    further = files[1] - files[0]
    wall, cpu = (1e3 * (b - a) / further for a, b in ((few.median, many.median), (few.cpu, many.cpu)))
    times = f"{harness.figures(few.median)} | {harness.figures(many.median)} | {harness.figures(many.cpu)}"
    return f"| {few.name} | {times} | {wall:.1f} | {cpu:.1f} | {max(few.peak_mb):.0f} | {max(many.peak_mb):.0f} |"


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--events", type=int, default=1000, help="events of each file")
    parser.add_argument("--folder", type=Path, help="where the files are kept (default: the user's cache)")
    harness.add_root_argument(parser)
    harness.add_arguments(parser, repeats=1)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a contestant failed or the counts differ."""
    options = parse()
    home = options.folder or make_events.cache_folder().with_name("benchmarks")
    numbers = (options.files // 10, options.files)
    folders = [make_files(home, n, options.events) for n in numbers]
    for path in folders[-1].iterdir():
        harness.cached(path)
    info = harness.machine(PACKAGES)  # before the load is ours
    with tempfile.TemporaryDirectory() as cache:
        both = [
            [Runs(c) for c in harness.chosen(contestants(folder, n, Path(cache), options.root_python), options)]
            for folder, n in zip(folders, numbers, strict=True)
        ]
        for runs in both:
            harness.repeated(runs, options.repeats)
    few, many = (f"{n:,}" for n in numbers)
    lines = [
        f"| | {few} files s | {many} files s | CPU s | ms per further file | CPU ms | peak MB, {few} | {many} |",
        "|---|---|---|---|---|---|---|---|",
        *(row(a, b, numbers) for a, b in zip(*both, strict=True)),
    ]
    setup = (
        f"df103, three channels, on {few} and on {many} files of {options.events:,} events each, zlib, one thread; "
        f"whole processes, median of {options.repeats}, files in the page cache."
    )
    text = harness.page("Many files", setup, "\n".join(lines), harness.where(info, both[-1]))
    results = {n: [r.as_data() for r in runs] for n, runs in zip(numbers, both, strict=True)}
    settings = {name: getattr(options, name) for name in ("files", "events", "repeats")}
    harness.save("many_files", text, {"settings": settings, "machine": info, "results": results}, options.output)
    return max(harness.status(runs) for runs in both)


if __name__ == "__main__":
    sys.exit(main())
