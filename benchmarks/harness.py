"""Whole processes side by side: run alternately; medians, spread, processor time, memory, ratios to one of them.

    rivals = [Contestant("ours", [python, "-m", "ours"]), Contestant("theirs", [python, "-m", "theirs"])]
    info = machine(["numpy"])  # before the load is ours
    runs = race(rivals, repeats=5)
    publish("name", "One sentence on what was run.", runs, info, reference="theirs")

Every contestant runs in a process of its own, start-up, imports and compilation included. A benchmark of more than one
table composes `table`, `page` and `save` itself.
"""

import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
RESULTS = HERE / "results"
#: df103, three channels, as a spec.
HIGGS4L = REPOSITORY / "analyses" / "higgs4l" / "higgs4l.toml"
#: Installed packages come with their byte code; the tree here shall keep its own, too.
INHERITED = {name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Contestant:
    """A command; what all of a race must agree on is read from its standard output."""

    name: str
    command: list[str]
    #: Standard output → what was found; a ValueError, KeyError or TypeError is a failure.
    answer: Callable[[str], object] = lambda text: None
    #: Standard output → the version of what ran, for the page.
    version: Callable[[str], str] = lambda text: ""
    #: Done before each run and not timed (to empty a cache, say).
    prepare: Callable[[], None] = lambda: None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Runs:
    """What came of running one contestant, repeat by repeat."""

    contestant: Contestant
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    answer: object = None
    version: str = ""
    failure: str = ""

    @property
    def name(self):
        """Name of the contestant."""
        return self.contestant.name

    @property
    def median(self):
        """Median of the wall-clock seconds; None if it failed."""
        return None if self.failure else statistics.median(self.seconds)

    @property
    def cpu(self):
        """Median of the seconds of processor time, user and system; None if it failed."""
        return None if self.failure else statistics.median(self.cpu_seconds)

    @property
    def last(self):
        """What the last run took, for whom it is watched by."""
        return f"{self.seconds[-1]:.2f} s"

    def warm(self):
        """Run the process once for its caches, and note nothing."""
        Runs(self.contestant).once()

    def once(self):
        """Run the process once, and note time, memory and answer, or failure."""
        self.contestant.prepare()
        with tempfile.TemporaryDirectory() as folder:
            cost = Path(folder) / "cost.json"
            command = [sys.executable, "-IS", str(HERE / "launch.py"), str(cost), *self.contestant.command]
            environment = INHERITED | self.contestant.environment
            done = subprocess.run(command, capture_output=True, cwd=REPOSITORY, env=environment, check=False)
            used = json.loads(cost.read_text(encoding="utf-8")) if cost.exists() else {}
        text, complaint = (x.decode(errors="replace") for x in (done.stdout, done.stderr))
        if done.returncode != 0:
            last = complaint.strip().splitlines()[-1:] or ["no message"]
            self.failure = f"exit status {done.returncode}: {last[0]}"
            return
        try:
            self.answer = self.contestant.answer(text)
            self.version = self.contestant.version(text)
        except (ValueError, KeyError, TypeError) as error:
            self.failure = f"its output cannot be understood: {error!r}"
            return
        self.seconds.append(used["seconds"])
        self.cpu_seconds.append(used["cpu_seconds"])
        self.peak_mb.append(used["peak_mb"])

    def as_data(self):
        """What the JSON document keeps: every repeat, not the medians alone."""
        return {
            "name": self.name,
            "command": self.contestant.command[1:],
            "environment": self.contestant.environment,
            "seconds": self.seconds,
            "cpu_seconds": self.cpu_seconds,
            "peak_mb": self.peak_mb,
            "median": self.median,
            "answer": self.answer,
            "version": self.version,
            "failure": self.failure,
        }


def race(contestants, repeats, warm_up=0):
    """Run all contestants in turn, `repeats` times, after `warm_up` rounds that do not count; who fails is left out."""
    return repeated([Runs(contestant) for contestant in contestants], repeats, warm_up)


def repeated(runs, repeats, warm_up=0):
    """Run each in turn, again and again, after `warm_up` rounds that do not count; who fails is left out."""
    for _ in range(warm_up):
        for r in runs:
            r.warm()
    for i in range(repeats):
        for r in runs:
            if not r.failure:
                r.once()
                print(f"{i + 1}/{repeats} {r.name}: {r.failure or r.last}", file=sys.stderr)
    return runs


def differing(runs):
    """Say who answered what if not all answered the same; else return an empty text."""
    answers = {r.name: r.answer for r in runs if r.answer is not None and not r.failure}
    distinct = {json.dumps(answer, sort_keys=True) for answer in answers.values()}
    return f"the answers differ: {answers}" if len(distinct) > 1 else ""


def figures(x):
    """A positive number with three figures and no exponent."""
    decimals = 2 - math.floor(math.log10(x)) if x > 0 else 2
    return f"{x:.{min(max(decimals, 0), 3)}f}"


def table(runs, reference=None):
    """Markdown of the medians, their ratios to the contestant named `reference`, spread, processor time and memory."""
    by = next((r for r in runs if r.name == reference and not r.failure), None)
    lines = [
        f"| | median s | ratio to {reference} | fastest – slowest s | CPU s | ratio | peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in runs:
        if r.failure:
            lines.append(f"| {r.name} | failed | | {r.failure} | | | |")
            continue
        ratio, cpu_ratio = (f"{r.median / by.median:.2f}", f"{r.cpu / by.cpu:.2f}") if by else ("–", "–")
        spread = f"{figures(min(r.seconds))} – {figures(max(r.seconds))}"
        times = f"{figures(r.median)} | {ratio} | {spread} | {figures(r.cpu)} | {cpu_ratio}"
        lines.append(f"| {r.name} | {times} | {max(r.peak_mb):.0f} |")
    return "\n".join(lines)


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
        describe = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
        return subprocess.run(describe, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def version_of(package):
    """Version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def machine(packages):
    """What the numbers depend on: hardware, system, versions."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "packages": {package: version_of(package) for package in packages},
        "commit": commit(),
    }


def where(info, runs=()):
    """One line on the machine, the versions and the commit."""
    opponents = dict.fromkeys(r.version for r in runs if r.version)
    packages = (f"{name} {v}" for name, v in info["packages"].items())
    versions = ", ".join([*opponents, f"Python {info['python']}", *packages])
    hardware = f"{info['cpu']}, {info['cores']} cores, load {info['load']} before, {info['system']}"
    return f"{hardware}; {versions}; hzdsl {info['commit']}."


def page(title, *paragraphs):
    """A Markdown page."""
    return "\n\n".join([f"# {title}", *paragraphs]) + "\n"


def write(text, path):
    """Write a file whole."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def save(name, text, document, folder=RESULTS):
    """Print the page, and write it and its numbers as `name`.md and `name`.json."""
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    write(text, folder / f"{name}.md")
    write(json.dumps(document, indent=1) + "\n", folder / f"{name}.json")


def publish(name, setup, runs, info, *, reference=None, settings=None, folder=RESULTS):
    """Write the page of a benchmark of one table; return the exit status: 1 if one failed or the answers differ."""
    document = {"settings": settings or {}, "machine": info, "results": [r.as_data() for r in runs]}
    save(name, page(name, setup, table(runs, reference), where(info, runs)), document, folder)
    return status(runs)


def status(runs):
    """Exit status: 1 if one failed or the answers differ, which is said."""
    if complaint := differing(runs):
        print(complaint, file=sys.stderr)
    return 1 if complaint or any(r.failure for r in runs) else 0


def cached(path):
    """Read a file once, into the page cache."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def add_arguments(parser, repeats=3):
    """Options that every benchmark has."""
    parser.add_argument("--repeats", type=int, default=repeats)
    parser.add_argument("--only", nargs="*", help="names of contestants to run")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder for the page and its numbers")


def add_root_argument(parser):
    """The option that names a Python with ROOT."""
    parser.add_argument("--root-python", default=os.environ.get("HZDSL_ROOT_PYTHON"), help="a Python with ROOT")


def pyplot():
    """Matplotlib's pyplot, which needs no screen."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def chosen(contestants, options):
    """The contestants that --only leaves."""
    return [c for c in contestants if not options.only or c.name in options.only]
