"""Time and cost of an analysis from one core to 10 000, from what measure.py and scheduler.py measured.

    python benchmarks/scaling/model.py

Writes results/model.json and results/scaling.png, and the tables of docs/scaling.md between its marks.
"""

import json
import re
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from hzdsl.run.cluster.distribution import items_per_errand
from hzdsl.run.cluster.surveys import trees_per_task
from hzdsl.run.inputs.chunks import TARGET

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parents[1] / "docs" / "scaling.md"
CORES = (1, 10, 100, 1_000, 10_000)
EVENTS = (10**9, 10**12)


@dataclass(frozen=True)
class Site:
    """What is assumed, not measured: change it for your own site."""

    gb_per_s: float = 10.0  # what the storage gives to all workers together
    scheduler_gb_per_s: float = 1.0  # the network of the machine of the scheduler
    events_per_file: int = 1_000_000
    slow_worker: float = 3.0  # how much longer the slowest worker needs
    euro_per_core_hour: float = 0.02


@dataclass(frozen=True)
class Prediction:
    """Seconds of each part of a run; reading, storage, scheduler and client go on at the same time."""

    cores: int
    events: int
    start: float
    plan: float
    compute: float
    storage: float
    scheduler: float
    client: float
    tail: float

    @property
    def seconds(self):
        """Wall-clock time."""
        return self.start + self.plan + max(self.side_by_side().values()) + self.tail

    def side_by_side(self):
        """The parts that overlap: the longest decides."""
        return {name: getattr(self, name) for name in ("compute", "storage", "scheduler", "client")}

    @property
    def limit(self):
        """What takes longest."""
        parts = {**self.side_by_side(), "plan": self.plan, "start": self.start, "tail": self.tail}
        return max(parts, key=lambda name: parts[name])

    @property
    def core_hours(self):
        """Cores times wall-clock time."""
        return self.cores * self.seconds / 3600


def predicted(cores, events, site, measured, scheduler):
    """Return what the model says of df103."""
    of, worker = measured["df103"], measured["worker"]
    per_event = 1e-6 * (of["read_us_per_event"] + of["kernel_us_per_event"])
    per_task = min(TARGET * items_per_errand(events, TARGET, cores), site.events_per_file)
    tasks = events / per_task
    added = 1e-3 * of["sum_ms"] / of["sum_of"]  # reading one sum, adding and writing it
    again = measured["plan"]["known_s"]  # a worker opens the file that another one has looked at
    shared = cores > 1  # one core needs no cluster
    return Prediction(
        cores,
        events,
        start=sum(worker.values()) + shared * cores * of["order_bytes"] / (1e9 * site.scheduler_gb_per_s),
        plan=planning(cores, events / site.events_per_file, measured["plan"], scheduler),
        compute=(events * per_event + shared * tasks * (added * (1 + 1 / (scheduler["fan"] - 1)) + again)) / cores,
        storage=events * of["bytes_per_event"] / (1e9 * site.gb_per_s),
        scheduler=shared * 1e-3 * tasks * scheduler["cpu_ms_per_chunk"],
        client=shared * tasks / scheduler["group"] * added,
        tail=shared * site.slow_worker * per_task * per_event,
    )


def planning(cores, files, plan, scheduler):
    """Return the seconds in which workers look at all files, and the run is told: both go on at the same time."""
    if cores == 1:
        return files * plan["look_s"]
    tasks = files / trees_per_task(round(files), cores)
    return max(files * plan["look_s"] / cores, files * plan["told_s"] + 1e-3 * tasks * scheduler["cpu_ms_per_chunk"])


def words(seconds):
    """Return a time as it is read."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if seconds >= size:
            return f"{seconds / size:.2f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{1000 * seconds:.3g} ms" if seconds else "–"


COLUMNS = ("start", "plan", "compute", "storage", "scheduler", "client", "tail")


def markdown(head, rows):
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def table(found, site):
    """Return the predictions as a table."""
    rows = [
        (
            power(p.events),
            str(p.cores),
            f"**{words(p.seconds)}**",
            f"{p.core_hours:,.1f}",
            f"{p.core_hours * site.euro_per_core_hour:,.2f}",
            *(words(getattr(p, name)) for name in COLUMNS),
        )
        for p in found
    ]
    return markdown(("events", "cores", "wall-clock", "core-hours", "€", *COLUMNS), rows)


def power(events):
    return f"10^{len(str(events)) - 1}"


def limits(site, measured, scheduler):
    """Return what takes longest, by the number of cores, in files as assumed and in ten times larger ones."""
    lines = []
    for events in EVENTS:
        for of in (site, replace(site, events_per_file=10 * site.events_per_file)):
            found = [predicted(cores, events, of, measured, scheduler) for cores in CORES]
            same = [(limit, [p.cores for p in ps]) for limit, ps in groupby(found, lambda p: p.limit)]
            said = [f"{limit} ({' to '.join(dict.fromkeys((str(n[0]), str(n[-1]))))} cores)" for limit, n in same]
            files = f"{power(events)} events in files of {power(of.events_per_file)}"
            best = min(found, key=lambda p: p.seconds)
            lines.append(f"* {files}: longest is {', then '.join(said)}; {words(best.seconds)} at best.")
    return "\n".join(lines)


def inputs(measured, scheduler):
    """Return what was measured as a table."""
    of, worker, varied = measured["df103"], measured["worker"], measured["large_50_variations"]
    plan = measured["plan"]
    parts = ", ".join(f"{name.removesuffix('_s')} {words(seconds)}" for name, seconds in worker.items())
    each = scheduler["cpu_ms_per_chunk"]
    rows = [
        ("reading, one core", f"{of['read_us_per_event']:.2g} µs/event"),
        ("kernel, one core", f"{of['kernel_us_per_event']:.2g} µs/event"),
        ("compressed bytes read", f"{of['bytes_per_event']:.3g} bytes/event, {of['columns']} branches"),
        ("a worker before its first event", f"{words(sum(worker.values()))} ({parts})"),
        ("looking at a file, nothing known of it", words(plan["look_s"])),
        ("looking at a file whose tree is known", words(plan["known_s"])),
        ("a file that a worker has looked at, for the run", words(plan["told_s"])),
        ("told to each worker once", f"{of['order_bytes'] / 1000:.0f} kB"),
        ("a sum of df103, and adding it", f"{of['bytes'] / 1000:.2g} kB, {words(1e-3 * of['sum_ms'] / of['sum_of'])}"),
        (
            "the same of 100 histograms × 50 variations",
            f"{varied['bytes'] / 1e6:.2g} MB, {words(1e-3 * varied['sum_ms'] / varied['sum_of'])}",
        ),
        (
            "scheduler and client, per task",
            f"{each:.2g} ms of CPU: at most {1000 / each:.0f} tasks/s ({scheduler['chunks']} tasks)",
        ),
    ]
    return markdown(("", "measured here"), rows)


def marked(text, name, content):
    """Return a page with this content between the two marks of a name."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert pattern.search(text), f"docs/scaling.md has no marks for {name}"
    return pattern.sub(lambda m: f"{m[1]}{content}\n{m[2]}", text)


def page(text, measured, scheduler):
    """Return docs/scaling.md with the numbers of now."""
    site = Site()
    found = predictions(site, measured, scheduler)
    for name, content in (
        ("measured", inputs(measured, scheduler)),
        ("model", table(found, site)),
        ("limits", limits(site, measured, scheduler)),
    ):
        text = marked(text, name, content)
    return text


def predictions(site, measured, scheduler):
    return [predicted(cores, events, site, measured, scheduler) for events in EVENTS for cores in CORES]


def drawn(site, measured, scheduler, path):
    """Draw every part of a run against the number of cores, once per number of events."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import numpy as np

    cores = np.unique(np.geomspace(1, 10_000, 60).astype(int))
    figure, panels = plt.subplots(1, len(EVENTS), figsize=(11, 4.4), sharex=True, layout="constrained")
    for panel, events in zip(panels, EVENTS, strict=True):
        found = [predicted(int(n), events, site, measured, scheduler) for n in cores]
        for name in ("compute", "plan", "storage", "scheduler", "tail", "start"):
            panel.loglog(cores, [getattr(p, name) or np.nan for p in found], label=name)
        panel.loglog(cores, [p.seconds for p in found], "k--", label="wall-clock")
        panel.set(title=f"$10^{{{len(str(events)) - 1}}}$ events", xlabel="cores", ylim=(0.5, None))
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("seconds")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    figure.savefig(path, dpi=110, metadata={"Software": None})


def read(name):
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def main():
    measured, scheduler, site = read("measured"), read("scheduler"), Site()
    found = predictions(site, measured, scheduler)
    rows = [{**asdict(p), "seconds": p.seconds, "limit": p.limit} for p in found]
    content = {"site": asdict(site), "predictions": rows}
    (RESULTS / "model.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    drawn(site, measured, scheduler, RESULTS / "scaling.png")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), measured, scheduler), encoding="utf-8")
    print(table(found, site))


if __name__ == "__main__":
    main()
