"""The eight tasks of the ADL benchmark as whole processes: ROOT's RDataFrame, awkward, and hzdsl's two backends.

    python adl.py --root-python PYTHON [--events 4000000] [--repeats 3] [--tasks 1 5 8] [--only NAME...]

Every contestant must fill the reference histograms of the benchmark bin by bin (as often as the real events are
repeated). The text of each task is adl/task_N.toml, its opponents are in opponents/. Writes results/adl.md, adl.json
and adl.png.
"""

import argparse
import csv
import json
import statistics
import sys

import harness
import make_adl_events
from harness import HERE, Contestant

TASKS = {
    "1": "missing pt of all events",
    "2": "pt of all jets",
    "3": "pt of central jets",
    "4": "missing pt, two hard jets",
    "5": "missing pt, muon pair near the Z",
    "6": "trijet nearest to the top: pt, b-tag",
    "7": "sum of pt of jets away from leptons",
    "8": "m_T of the lepton outside the best Z",
}
#: Files of the reference histograms of a task that fills two.
PARTS = {"6": ("6a", "6b")}
PACKAGES = ("numpy", "awkward", "uproot", "numexpr", "llvmlite")
AGREED = "All histograms are those of the benchmark, bin by bin."
ROOT, OURS = "ROOT", "hzdsl codegen"


def contents(text):
    """What is in the bins of each histogram, from an opponent's or from hzdsl's JSON."""
    found = json.loads(text)["histograms"]
    return [h["values"] for h in found.values()] if isinstance(found, dict) else found


def version(text):
    """What an opponent says of itself."""
    return json.loads(text).get("version", "")


def reference(task, events):
    """What is to be in the bins, from the files of the benchmark; the real events are 1000."""
    found = []
    for part in PARTS.get(task, (task,)):
        path = make_adl_events.DATA / "reference_csv" / f"benchmark{part}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            found.append([float(row["content"]) * (events // 1000) for row in csv.DictReader(file)])
    return found


def contestants(task, path, root_python):
    """Return the commands of one task."""
    spec = HERE / "adl" / f"task_{task}.toml"
    hzdsl = [sys.executable, "-m", "hzdsl", "run", str(spec), str(path), "--json", "--threads", "1"]
    opponents = HERE / "opponents"
    listed = [
        Contestant("awkward", [sys.executable, str(opponents / "awkward_adl.py"), task, str(path)], contents),
        Contestant(OURS, [*hzdsl, "--backend", "codegen"], contents),
        Contestant("hzdsl interpret", [*hzdsl, "--backend", "interpret"], contents),
    ]
    if root_python:
        command = [root_python, str(opponents / "root_adl.py"), task, str(path)]
        listed.insert(0, Contestant(ROOT, command, contents, version))
    return listed


def faults(task, runs, events):
    """Say what failed, and which histograms are not those of the benchmark."""
    expected = reference(task, events)
    failed = [f"task {task}, {r.name}: {r.failure}" for r in runs if r.failure]
    wrong = [f"task {task}, {r.name}: not the reference" for r in runs if not r.failure and r.answer != expected]
    return failed + wrong


def speeds(races, name, clock):
    """How many times as fast as ROOT a contestant is, by task."""
    found = {}
    for task, runs in races.items():
        by = {r.name: getattr(r, clock) for r in runs if not r.failure}
        if name in by and ROOT in by:
            found[task] = by[ROOT] / by[name]
    return found


def verdict(races, name):
    """A line with the geometric mean and the least of the ratios; None without ROOT."""
    wall, cpu = speeds(races, name, "median"), speeds(races, name, "cpu")
    if not wall:
        return None
    means = [f"{statistics.geometric_mean(x.values()):.1f} × ({clock})" for x, clock in ((wall, "wall"), (cpu, "CPU"))]
    least = [
        f"{x[t]:.1f} × (task {t}, {clock})" for x, clock in ((wall, "wall"), (cpu, "CPU")) for t in [min(x, key=x.get)]
    ]
    return f"{name}: geometric mean {', '.join(means)} as fast as ROOT, least {', '.join(least)}."


def overview(races, names):
    """Markdown of the seconds of each contestant by task, and how many times as fast as ROOT ours is."""
    wall, cpu = speeds(races, OURS, "median"), speeds(races, OURS, "cpu")
    lines = [
        f"| task | {' | '.join(f'{n} s' for n in names)} | ROOT / ours | CPU |",
        f"|---|{'---|' * len(names)}---|---|",
    ]
    for task, runs in races.items():
        by = {r.name: r for r in runs}
        seconds = [harness.figures(by[n].median) if n in by and not by[n].failure else "–" for n in names]
        ratios = [f"{x[task]:.1f}" if task in x else "–" for x in (wall, cpu)]
        lines.append(f"| {task} {TASKS[task]} | {' | '.join(seconds + ratios)} |")
    return "\n".join(lines)


def draw(races, names, path):
    """Bars of the seconds of each contestant by task."""
    figure, ax = harness.pyplot().subplots(figsize=(10, 4.5), layout="constrained")
    width = 0.8 / len(names)
    for k, name in enumerate(names):
        of = [next((r for r in runs if r.name == name), None) for runs in races.values()]
        heights = [0 if r is None or r.failure else r.median for r in of]
        bars = ax.bar([i + (k + 0.5) * width - 0.4 for i in range(len(races))], heights, width, label=name)
        ax.bar_label(bars, [f"{h:.1f}" if h else "" for h in heights], fontsize=7, padding=1)
    ax.set_xticks(range(len(races)), [f"task {task}" for task in races])
    ax.set_ylabel("whole process, wall clock [s]")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def described(path, options):
    """One paragraph on what was run."""
    size = f"{path.stat().st_size / 1e6:.0f} MB, zlib, {options.basket:,} events per basket"
    return (
        f"The real 1000 events of Run2012B_SingleMu repeated to {options.events:,} ({size}), 1 thread, "
        f"whole processes, median of {options.repeats}, file in the page cache."
    )


def parse():
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    make_adl_events.add_arguments(parser)
    harness.add_arguments(parser)
    harness.add_root_argument(parser)
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS), help="tasks to run")
    options = parser.parse_args()
    if options.events % 1000 or options.basket % 1000:
        parser.error("the real events are 1000: --events and --basket are multiples of that")
    return options


def main():
    """Run everything; exit status 1 if a contestant failed or a histogram is not the reference."""
    options = parse()
    path = make_adl_events.ensure_events(options.folder, options.events, options.basket)
    harness.cached(path)
    info = harness.machine(PACKAGES)  # before the load is ours
    races = {}
    for task in options.tasks:
        print(f"task {task}: {TASKS[task]}", file=sys.stderr)
        races[task] = harness.race(
            harness.chosen(contestants(task, path, options.root_python), options), options.repeats, warm_up=1
        )
    return report(races, path, info, options)


def report(races, path, info, options):
    """Write page, numbers and plot; return the exit status."""
    runs = [r for of in races.values() for r in of]
    names = list(dict.fromkeys(r.name for r in runs))
    verdicts = [v for n in names if n != ROOT and (v := verdict(races, n))]
    tables = [f"## Task {t}: {TASKS[t]}\n\n{harness.table(of, ROOT)}" for t, of in races.items()]
    complaints = [c for task, of in races.items() for c in faults(task, of, options.events)]
    checked = "Not all histograms are those of the benchmark." if complaints else AGREED
    text = harness.page(
        "adl", f"{described(path, options)} {checked}", overview(races, names), "\n".join(f"* {v}" for v in verdicts),
        "![seconds by task](adl.png)", *tables, harness.where(info, runs),
    )  # fmt: skip
    settings = {name: getattr(options, name) for name in ("events", "basket", "repeats")}
    results = {task: [r.as_data() for r in of] for task, of in races.items()}
    document = {"settings": settings | {"bytes": path.stat().st_size}, "machine": info, "results": results}
    harness.save("adl", text, document, options.output)
    draw(races, names, options.output / "adl.png")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
