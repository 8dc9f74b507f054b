"""df103 as whole processes: ROOT's RDataFrame, a plain awkward script, and hzdsl's two backends on one file.

    python df103.py --root-python PYTHON [--events 2000000] [--repeats 3] [--threads 1] [--only NAME...]

Every contestant runs in its own process, alternately; the median of the wall-clock times counts, start-up,
imports and compilation included. All must select equally many events. Writes results/df103.md and df103.json.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from make_events import add_arguments, ensure_events

HERE = Path(__file__).resolve().parent
CHANNELS = ("4mu", "4e", "2e2mu")
SPEC = HERE.parent / "analyses" / "higgs4l" / "higgs4l.toml"
PACKAGES = ("numpy", "awkward", "uproot", "numexpr", "llvmlite")


@dataclass
class Contestant:
    """A command that prints its counts as JSON, and what came of running it."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    selected: dict[str, int] = field(default_factory=dict)
    version: str = ""
    failure: str = ""

    @property
    def median(self):
        """Median of the wall-clock seconds, None if it never finished."""
        return statistics.median(self.seconds) if self.seconds and not self.failure else None


def contestants(path, root_python, threads):
    """Return all commands for one file."""
    hzdsl = [sys.executable, "-m", "hzdsl", "run", str(SPEC), str(path), "--json", "--threads", str(threads)]
    opponents = HERE / "opponents"
    listed = [
        Contestant("awkward", [sys.executable, str(opponents / "awkward_df103.py"), str(path)]),
        Contestant("hzdsl codegen", [*hzdsl, "--backend", "codegen"]),
        Contestant("hzdsl interpret", [*hzdsl, "--backend", "interpret"]),
    ]
    if root_python:
        command = [root_python, str(opponents / "root_df103.py"), str(path), str(threads)]
        listed.insert(0, Contestant("ROOT", command))
    return listed


def counts_of(document):
    """Selected events per channel, from an opponent's or from hzdsl's JSON."""
    regions = document.get("regions", document)
    return {channel: int(regions[channel]["selected"]) for channel in CHANNELS}


def run_once(contestant):
    """Run the process once, and note time, memory, counts or failure."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(contestant.command, stdout=out, stderr=err, cwd=HERE.parent)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text, complaint = out.read().decode(), err.read().decode(errors="replace")
    if process.returncode != 0:
        last = complaint.strip().splitlines()[-1:] or ["no message"]
        contestant.failure = f"exit status {process.returncode}: {last[0]}"
        return
    try:
        document = json.loads(text)
        contestant.selected = counts_of(document)
    except (ValueError, KeyError, TypeError) as error:
        contestant.failure = f"its JSON cannot be understood: {error!r}"
        return
    contestant.version = document.get("version", "")
    contestant.seconds.append(seconds)
    contestant.cpu_seconds.append(usage.ru_utime + usage.ru_stime)
    contestant.peak_mb = max(contestant.peak_mb, usage.ru_maxrss / 1024)


def cpu_model():
    """Name of the processor, as the kernel tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def commit():
    """Commit of the working tree, marked when it has changes."""
    try:
        describe = ["git", "-C", str(HERE.parent), "describe", "--always", "--dirty"]
        return subprocess.run(describe, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine():
    """What the numbers depend on."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "absent"
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "packages": versions,
        "commit": commit(),
    }


def table(run):
    """Markdown of the names, medians, ratios to ROOT, spread, processor time and memory."""
    reference = next((c.median for c in run if c.name == "ROOT"), None)
    lines = [
        "| | median s | ratio to ROOT | fastest – slowest s | CPU s | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for c in run:
        if c.median is None:
            lines.append(f"| {c.name} | failed | | {c.failure} | | |")
            continue
        ratio = f"{c.median / reference:.2f}" if reference else "–"
        spread = f"{min(c.seconds):.2f} – {max(c.seconds):.2f}"
        cpu = statistics.median(c.cpu_seconds)
        lines.append(f"| {c.name} | {c.median:.2f} | {ratio} | {spread} | {cpu:.2f} | {c.peak_mb:.0f} |")
    return "\n".join(lines)


def report(run, path, options, info):
    """Return the Markdown page and the JSON document."""
    info["opponents"] = {c.name: c.version for c in run if c.version}
    size = path.stat().st_size / 1e6
    selected = next((c.selected for c in run if c.selected), {})
    setup = (
        f"{options.events:,} events ({size:.0f} MB, zlib, {options.basket:,} events per basket), "
        f"{options.threads} thread(s), whole processes, median of {options.repeats}, file in the page cache. "
        f"Selected: {', '.join(f'{n} {channel}' for channel, n in selected.items())}."
    )
    packages = ", ".join(f"{name} {v}" for name, v in info["packages"].items())
    versions = ", ".join(filter(None, [*info["opponents"].values(), f"Python {info['python']}", packages]))
    hardware = f"{info['cpu']}, {info['cores']} cores, load {info['load']} before, {info['system']}"
    where = f"{hardware}; {versions}; hzdsl {info['commit']}."
    page = f"# df103\n\n{setup}\n\n{table(run)}\n\n{where}\n"
    rows = [{**vars(c), "command": c.command[1:], "median": c.median} for c in run]
    settings = {
        "events": options.events,
        "basket": options.basket,
        "seed": options.seed,
        "bytes": path.stat().st_size,
    }
    settings |= {"threads": options.threads, "repeats": options.repeats}
    return page, {"settings": settings, "machine": info, "results": rows}


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--root-python", default=os.environ.get("HZDSL_ROOT_PYTHON"), help="a Python with ROOT")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of contestants to run")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    return parser.parse_args()


def write(text, path):
    """Write a file whole."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def main():
    """Run everything; exit status 1 if a contestant failed or the counts differ."""
    options = parse()
    path = ensure_events(options.folder, options.events, options.basket, options.seed)
    with open(path, "rb") as file:  # into the page cache
        while file.read(1 << 24):
            pass
    info = machine()  # before the load is ours
    run = contestants(path, options.root_python, options.threads)
    if options.only:
        run = [c for c in run if c.name in options.only]
    for i in range(options.repeats):
        for contestant in run:
            if not contestant.failure:
                run_once(contestant)
                outcome = contestant.failure or f"{contestant.seconds[-1]:.2f} s"
                print(f"{i + 1}/{options.repeats} {contestant.name}: {outcome}", file=sys.stderr)
    page, document = report(run, path, options, info)
    print(page)
    options.output.mkdir(parents=True, exist_ok=True)
    write(page, options.output / "df103.md")
    write(json.dumps(document, indent=1) + "\n", options.output / "df103.json")
    counts = {c.name: c.selected for c in run if c.selected}
    if len({tuple(sorted(found.items())) for found in counts.values()}) > 1:
        print(f"the counts differ: {counts}", file=sys.stderr)
        return 1
    return 1 if any(c.failure for c in run) else 0


if __name__ == "__main__":
    sys.exit(main())
