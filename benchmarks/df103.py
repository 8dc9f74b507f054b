"""df103 as whole processes: ROOT's RDataFrame, a plain awkward script, and hzdsl's two backends on one file.

    python df103.py --root-python PYTHON [--events 2000000] [--repeats 3] [--threads 1] [--only NAME...]

All must select equally many events. Writes results/df103.md and df103.json.
"""

import argparse
import json
import os
import sys

import harness
import make_events
from harness import HERE, REPOSITORY, Contestant

CHANNELS = ("4mu", "4e", "2e2mu")
SPEC = REPOSITORY / "analyses" / "higgs4l" / "higgs4l.toml"
PACKAGES = ("numpy", "awkward", "uproot", "numexpr", "llvmlite")


def counts(text):
    """Selected events per channel, from an opponent's or from hzdsl's JSON."""
    document = json.loads(text)
    regions = document.get("regions", document)
    return {channel: int(regions[channel]["selected"]) for channel in CHANNELS}


def version(text):
    """What an opponent says of itself."""
    return json.loads(text).get("version", "")


def contestants(path, root_python, threads):
    """Return all commands for one file."""
    hzdsl = [sys.executable, "-m", "hzdsl", "run", str(SPEC), str(path), "--json", "--threads", str(threads)]
    opponents = HERE / "opponents"
    listed = [
        Contestant("awkward", [sys.executable, str(opponents / "awkward_df103.py"), str(path)], counts),
        Contestant("hzdsl codegen", [*hzdsl, "--backend", "codegen"], counts),
        Contestant("hzdsl interpret", [*hzdsl, "--backend", "interpret"], counts),
    ]
    if root_python:
        command = [root_python, str(opponents / "root_df103.py"), str(path), str(threads)]
        listed.insert(0, Contestant("ROOT", command, counts, version))
    return listed


def described(runs, path, options):
    """One paragraph on what was run, and on what came of it."""
    selected = next((r.answer for r in runs if r.answer), {})
    return (
        f"{options.events:,} events ({path.stat().st_size / 1e6:.0f} MB, zlib, {options.basket:,} events per basket), "
        f"{options.threads} thread(s), whole processes, median of {options.repeats}, file in the page cache. "
        f"Selected: {', '.join(f'{n} {channel}' for channel, n in selected.items())}."
    )


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    make_events.add_arguments(parser)
    harness.add_arguments(parser)
    parser.add_argument("--root-python", default=os.environ.get("HZDSL_ROOT_PYTHON"), help="a Python with ROOT")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a contestant failed or the counts differ."""
    options = parse()
    path = make_events.ensure_events(options.folder, options.events, options.basket, options.seed)
    harness.cached(path)
    info = harness.machine(PACKAGES)  # before the load is ours
    runs = harness.race(
        harness.chosen(contestants(path, options.root_python, options.threads), options), options.repeats
    )
    settings = {name: getattr(options, name) for name in ("events", "basket", "seed", "threads", "repeats")}
    settings["bytes"] = path.stat().st_size
    setup = described(runs, path, options)
    return harness.publish("df103", setup, runs, info, reference="ROOT", settings=settings, folder=options.output)


if __name__ == "__main__":
    sys.exit(main())
