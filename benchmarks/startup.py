"""The time from `python` to the first event: imports, opening a file, loading a spec, a whole run on few events.

    python startup.py [--repeats 9] [--only NAME...]

The ratios are to `import awkward, uproot`. Every process runs with its byte code and object code kept and its files in
the page cache, but for the last: the first run after an installation from source.

Writes results/startup.md and startup.json.
"""

import argparse
import os
import shutil
import sys
import tempfile

import harness
import make_events
from harness import HIGGS4L, REPOSITORY, Contestant

PACKAGE = REPOSITORY / "hzdsl"
PACKAGES = ("numpy", "awkward", "uproot", "llvmlite", "lark", "click")
EVENTS = 1_000
REFERENCE = "import awkward, uproot"
OPEN_SOURCE = (
    "import hzdsl as hz; from hzdsl.io.opening import open_source; hz.events('nanoaod'); open_source({path!r})"
)


def program(text):
    """A command that runs lines of Python."""
    return [sys.executable, "-c", text]


def contestants(path):
    """Return all commands for one file."""
    hzdsl = [sys.executable, "-m", "hzdsl"]
    return [
        Contestant("python", program("pass")),
        Contestant("import numpy", program("import numpy")),
        Contestant(REFERENCE, program(REFERENCE)),
        Contestant("import uproot, open a file", program(f"import uproot; uproot.open({str(path)!r})['Events']")),
        Contestant("import hzdsl", program("import hzdsl")),
        Contestant("import hzdsl, open a file", program(OPEN_SOURCE.format(path=str(path)))),
        Contestant("hzdsl --version", [*hzdsl, "--version"]),
        Contestant("hzdsl show higgs4l.toml", [*hzdsl, "show", str(HIGGS4L)]),
        Contestant("hzdsl run higgs4l.toml", [*hzdsl, "run", str(HIGGS4L), str(path), "-q", "--json"]),
    ]


def first_run(path, cache):
    """Return the command whose byte code and object code are yet to be made."""
    command = [sys.executable, "-m", "hzdsl", "run", str(HIGGS4L), str(path), "-q", "--json"]

    def forget():
        shutil.rmtree(cache, ignore_errors=True)
        for folder in PACKAGE.rglob("__pycache__"):
            shutil.rmtree(folder)

    return Contestant("the same, first run ever", command, prepare=forget, environment={"HZDSL_CACHE": cache})


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    harness.add_arguments(parser, repeats=9)
    return parser.parse_args()


def main():
    """Run everything; exit status 1 if a contestant failed."""
    options = parse()
    path = make_events.ensure_events(events=EVENTS, basket=EVENTS)
    info = harness.machine(PACKAGES)  # before the load is ours
    runs = harness.race(harness.chosen(contestants(path), options), options.repeats, warm_up=1)
    with tempfile.TemporaryDirectory() as folder:
        cold = first_run(path, os.path.join(folder, "cache"))
        runs += harness.race(harness.chosen([cold], options), options.repeats)
    setup = f"Whole processes, caches warm, median of {options.repeats}; {HIGGS4L.name} on a file of {EVENTS:,} events."
    settings = {"repeats": options.repeats, "events": EVENTS}
    return harness.publish("startup", setup, runs, info, reference=REFERENCE, settings=settings, folder=options.output)


if __name__ == "__main__":
    sys.exit(main())
