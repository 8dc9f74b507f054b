"""df103 as whole processes: ROOT's RDataFrame, awkward, and hzdsl's two backends on one file.

    python df103.py --root-python PYTHON [--events 2000000] [--repeats 3] [--threads 1] [--only NAME...]

ROOT runs as its tutorial is written, compiled at run time, and compiled ahead: by ACLiC, and into a program without
Python. All must select equally many events. Writes results/df103.md and df103.json.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

import compiled
import harness
import make_events
from harness import HERE, HIGGS4L, Contestant

CHANNELS = ("4mu", "4e", "2e2mu")
PACKAGES = ("numpy", "awkward", "uproot", "numexpr", "llvmlite")


def counts(text):
    """Selected events per channel, from an opponent's or from hzdsl's JSON."""
    document = json.loads(text)
    regions = document.get("regions", document)
    return {channel: int(regions[channel]["selected"]) for channel in CHANNELS}


def version(text):
    """What an opponent says of itself."""
    return json.loads(text).get("version", "")


def ours(path, threads, *more):
    """A run of df103 by hzdsl."""
    command = [sys.executable, "-m", "hzdsl", "run", str(HIGGS4L), str(path), "--json", "--threads", str(threads)]
    return [*command, *more]


def cold(path, threads, cache):
    """A run of df103 by hzdsl that finds nothing in its cache."""
    return Contestant(
        "hzdsl codegen, cache empty", ours(path, threads, "--backend", "codegen"), counts,
        prepare=lambda: shutil.rmtree(cache, ignore_errors=True), environment={"HZDSL_CACHE": cache},
    )  # fmt: skip


def contestants(path, built, threads):
    """Return all commands for one file, ROOT's only where there is one."""
    opponents, n = HERE / "opponents", str(threads)
    root = []
    if built.root_python:
        tutorial = [built.root_python, str(opponents / "root_df103.py"), str(path), n]
        root.append(Contestant("ROOT", tutorial, counts, version))
    if built.library:
        aclic = [built.root_python, str(compiled.ACLIC), "run", built.library, "df103", str(path), n]
        root.append(Contestant("ROOT by ACLiC", aclic, counts, version))
        root.append(Contestant("ROOT, a program", [built.df103, str(path), n], counts, version))
    return [
        *root,
        Contestant("awkward", [sys.executable, str(opponents / "awkward_df103.py"), str(path)], counts),
        Contestant("hzdsl codegen", ours(path, threads, "--backend", "codegen"), counts),
        Contestant("hzdsl interpret", ours(path, threads, "--backend", "interpret"), counts),
    ]


def described(runs, path, options, built):
    """One paragraph on what was run, and on what came of it."""
    selected = next((r.answer for r in runs if r.answer), {})
    return (
        f"{options.events:,} events ({path.stat().st_size / 1e6:.0f} MB, zlib, {options.basket:,} events per basket), "
        f"{options.threads} thread(s), whole processes, median of {options.repeats}, file in the page cache. "
        f"Selected: {', '.join(f'{n} {channel}' for channel, n in selected.items())}. {built.told}"
    )


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    make_events.add_arguments(parser)
    harness.add_arguments(parser)
    harness.add_root_argument(parser)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a contestant failed or the counts differ."""
    options = parse()
    path = make_events.ensure_events(options.folder, options.events, options.basket, options.seed)
    harness.cached(path)
    built = compiled.build(options.root_python)
    info = harness.machine(PACKAGES)  # before the load is ours
    with tempfile.TemporaryDirectory() as folder:
        first = cold(path, options.threads, os.path.join(folder, "cache"))
        rivals = [*contestants(path, built, options.threads), first]
        runs = harness.race(harness.chosen(rivals, options), options.repeats, warm_up=1)
    settings = {name: getattr(options, name) for name in ("events", "basket", "seed", "threads", "repeats")}
    settings["bytes"] = path.stat().st_size
    setup = described(runs, path, options, built)
    return harness.publish("df103", setup, runs, info, reference="ROOT", settings=settings, folder=options.output)


if __name__ == "__main__":
    sys.exit(main())
