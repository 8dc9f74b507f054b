"""What a further event costs: df103 and its 4µ channel alone by everyone, as whole processes on two files.

    python slope.py --root-python PYTHON [--events 1000000 3000000] [--repeats 3] [--analyses df103 4mu]

The difference of a long file and a short one leaves out what comes once: starting, importing, compiling, opening. The
two rows that read and do nothing else are those of reading.py, measured inside their process. All contestants must
find the same. Writes results/slope.md, slope.json and slope.png.
"""

import argparse
import json
import statistics
import sys
from dataclasses import dataclass, field, replace

import compiled
import df103
import harness
import make_events
import read_once
from harness import HERE, Contestant, Runs

PACKAGES = ("numpy", "awkward", "uproot", "deflate", "llvmlite")
CHANNEL = HERE / "four_muons.toml"
BASKET = 200_000
TITLES = {"df103": "df103, three channels", "4mu": "The 4µ channel alone"}
#: What ratios are to.
REFERENCES = {"df103": "unpacking alone", "4mu": "C++ by hand"}


# ---- who runs ------------------------------------------------------------------------------------------------------


def three_channels(path, built):
    """Contestants of df103 on one file."""
    two = {"ROOT, a program", "hzdsl codegen"}
    threaded = [replace(c, name=f"{c.name}, 2 threads") for c in df103.contestants(path, built, 2) if c.name in two]
    trusting = Contestant("hzdsl codegen, checks left out", df103.ours(path, 1, "--trust-files"), df103.counts)
    return [*df103.contestants(path, built, 1), trusting, *threaded]


def selected_muons(text):
    """How many events a run of the channel selected, and its histogram."""
    document = json.loads(text)
    if "regions" not in document:
        return {"selected": document["selected"], "values": [float(x) for x in document["values"]]}
    values = document["histograms"]["4mu/h_mass"]["values"]
    return {"selected": document["regions"]["4mu"]["selected"], "values": values}


def four_muons(path, built):
    """Contestants of the 4µ channel on one file."""
    command = [sys.executable, "-m", "hzdsl", "run", str(harness.HIGGS4L), "--config", str(CHANNEL), "-q"]
    command += ["--sample", f"muons={path}", "--json", "--threads", "1"]
    by_hand = [Contestant("C++ by hand", [built.four_muons, str(path)], selected_muons, df103.version)]
    return [
        *(by_hand if built.four_muons else []),
        Contestant("hzdsl codegen", command, selected_muons),
        Contestant("hzdsl codegen, checks left out", [*command, "--trust-files"], selected_muons),
        Contestant("hzdsl interpret", [*command, "--backend", "interpret"], selected_muons),
    ]


ANALYSES = {"df103": three_channels, "4mu": four_muons}


# ---- measuring -----------------------------------------------------------------------------------------------------


class Further:
    """Differences of a long file and a short one: per repeat a pair of seconds and seconds of processor time."""

    @property
    def last(self):
        return f"{self.differences[-1][0]:.2f} s more"

    def slopes(self, events, clock=0):
        """Seconds per 10⁶ further events, of each repeat."""
        return [d[clock] * 1e6 / (events[1] - events[0]) for d in self.differences]

    def slope(self, events, clock=0):
        """Their median."""
        return statistics.median(self.slopes(events, clock))


@dataclass
class Whole(Further):
    """A contestant on both files."""

    short: Runs
    long: Runs

    @property
    def name(self):
        return self.short.name

    @property
    def failure(self):
        return self.short.failure or self.long.failure

    @property
    def differences(self):
        pairs = zip(self.short.seconds, self.long.seconds, self.short.cpu_seconds, self.long.cpu_seconds, strict=True)
        return [(b - a, d - c) for a, b, c, d in pairs]

    def warm(self):
        self.short.warm()

    def once(self):
        for runs in (self.short, self.long):
            if not self.failure:
                runs.once()

    def as_data(self):
        return {"name": self.name, "short": self.short.as_data(), "long": self.long.as_data()}


@dataclass
class Reading(Further):
    """What only reads, told by read_once.py."""

    name: str
    what: str
    paths: list[str]
    differences: list = field(default_factory=list)
    failure: str = ""

    def warm(self):
        """Nothing is cached but the files, and these are."""

    def once(self):
        try:
            found = read_once.in_a_process(self.what, 1, self.paths)
        except RuntimeError as error:
            self.failure = str(error)
            return
        self.differences.append([b - a for a, b in zip(found["one"], found["three"], strict=True)])

    def as_data(self):
        return {"name": self.name, "differences": self.differences, "failure": self.failure}


def rivals(analysis, paths, built, only):
    """Everyone who takes part in an analysis."""
    found = [Whole(Runs(a), Runs(b)) for a, b in zip(*(ANALYSES[analysis](path, built) for path in paths), strict=True)]
    if analysis == "df103":
        reading = {"unpacking alone": "unpacking", "uproot.iterate": "uproot"}
        found = [*(Reading(name, what, [str(p) for p in paths]) for name, what in reading.items()), *found]
    return [r for r in found if not only or r.name in only]


# ---- the page ------------------------------------------------------------------------------------------------------


def table(those, events, reference):
    """Markdown of one analysis."""
    short, long = (f"{n / 1e6:g}·10⁶" for n in events)
    lines = [
        f"| | s per further 10⁶ events | ratio to {reference} | fastest – slowest | CPU s | ratio "
        f"| whole process, {short} | {long} |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by = next((r for r in those if r.name == reference and not r.failure), None)
    for r in those:
        if r.failure:
            lines.append(f"| {r.name} | failed | | {r.failure} | | | | |")
            continue
        wall, cpu = (harness.figures(r.slope(events, clock)) for clock in (0, 1))
        ratio, cpu_ratio = (
            f"{r.slope(events, clock) / by.slope(events, clock):.2f}" if by else "–" for clock in (0, 1)
        )
        spread = " – ".join(harness.figures(f(r.slopes(events))) for f in (min, max))
        whole = [f"{harness.figures(x.median)} s" for x in (r.short, r.long)] if isinstance(r, Whole) else ["–", "–"]
        lines.append(f"| {r.name} | {wall} | {ratio} | {spread} | {cpu} | {cpu_ratio} | {' | '.join(whole)} |")
    return "\n".join(lines)


def draw(races, events, path):
    """Bars of the time of a further event, one panel per analysis."""
    lengths = [len(those) for those in races.values()]
    figure, panels = harness.pyplot().subplots(
        len(races), figsize=(8, 1.2 + 0.32 * sum(lengths)), height_ratios=lengths, layout="constrained", squeeze=False
    )
    for ax, (analysis, those) in zip(panels[:, 0], races.items(), strict=True):
        shown = [r for r in those if not r.failure][::-1]
        heights = [r.slope(events) for r in shown]
        colours = ["tab:blue" if r.name.startswith("hzdsl") else "0.65" for r in shown]
        bars = ax.barh([r.name for r in shown], heights, color=colours)
        ax.bar_label(bars, fmt=" %.2f", fontsize=8)
        ax.set_title(TITLES[analysis], fontsize=10, loc="left")
        ax.margins(x=0.1)
        ax.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("seconds per 10⁶ further events, wall clock")
    figure.savefig(path, dpi=120)


def disagreements(those):
    """What contestants of one analysis differ in, on either file."""
    whole = [r for r in those if isinstance(r, Whole)]
    return [text for runs in zip(*((r.short, r.long) for r in whole), strict=True) if (text := harness.differing(runs))]


def report(races, info, built, options):
    """Write page, numbers and plot; return the exit status."""
    few, many = options.events
    setup = (
        f"The difference of whole processes on {few:,} and on {many:,} events (zlib, {options.basket:,} per basket), "
        f"per 10⁶ events; median of {options.repeats}, files in the page cache, one thread where nothing else is said. "
        f"{built.told}"
    )
    tables = [f"## {TITLES[a]}\n\n{table(those, options.events, REFERENCES[a])}" for a, those in races.items()]
    runs = [r.short for those in races.values() for r in those if isinstance(r, Whole)]
    text = harness.page("What a further event costs", setup, *tables, "![](slope.png)", harness.where(info, runs))
    settings = {name: getattr(options, name) for name in ("events", "basket", "seed", "repeats")}
    results = {analysis: [r.as_data() for r in those] for analysis, those in races.items()}
    harness.save("slope", text, {"settings": settings, "machine": info, "results": results}, options.output)
    draw(races, options.events, options.output / "slope.png")
    complaints = [text for those in races.values() for text in disagreements(those)]
    for text in complaints:
        print(text, file=sys.stderr)
    return 1 if complaints or any(r.failure for those in races.values() for r in those) else 0


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs=2, default=[1_000_000, 3_000_000], help="of the two files")
    parser.add_argument("--basket", type=int, default=BASKET, help="events per basket")
    parser.add_argument("--seed", type=int, default=make_events.SEED)
    parser.add_argument("--folder", help="where the files are kept (default: the user's cache)")
    parser.add_argument("--analyses", nargs="*", choices=ANALYSES, default=list(ANALYSES))
    harness.add_root_argument(parser)
    harness.add_arguments(parser)
    return parser.parse_args()


def main():
    """Measure every analysis; exit status 1 if a contestant failed or they differ."""
    options = parse()
    paths = [make_events.ensure_events(options.folder, n, options.basket, options.seed) for n in options.events]
    for path in paths:
        harness.cached(path)
    built = compiled.build(options.root_python)
    info = harness.machine(PACKAGES)  # before the load is ours
    races = {
        a: harness.repeated(rivals(a, paths, built, options.only), options.repeats, warm_up=1) for a in options.analyses
    }
    return report(races, info, built, options)


if __name__ == "__main__":
    sys.exit(main())
