"""Time and cost of an analysis from one core to 10 000, from what measure.py and scheduler.py measured.

    python benchmarks/scaling/model.py

Writes results/model.json and results/scaling.png, and the tables of docs/scaling.md between its marks.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parents[1] / "docs" / "scaling.md"
CORES = (1, 10, 100, 1_000, 10_000)
EVENTS = (10**9, 10**12)


@dataclass(frozen=True)
class Site:
    """What is assumed, not measured: change it for your own site."""

    gb_per_s: float = 10.0  # what the storage gives to all workers together
    events_per_file: int = 1_000_000
    events_per_chunk: int = 200_000
    slow_worker: float = 3.0  # how much longer the slowest worker needs
    euro_per_core_hour: float = 0.02
    planners: int = 1  # processes that open the files before the run


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
        return max(
            {**self.side_by_side(), "plan": self.plan, "start": self.start, "tail": self.tail}.items(), key=by_value
        )[0]

    @property
    def core_hours(self):
        """Cores times wall-clock time."""
        return self.cores * self.seconds / 3600


def by_value(item):
    return item[1]


def chunks_per_task(events, cores, site):
    """How many chunks one task does: as `hzdsl.run.distribution.chunks_per_errand`, at most a file."""
    chunks = events / site.events_per_chunk
    return max(1.0, min(chunks / (8 * cores), 32, site.events_per_file / site.events_per_chunk))


def predicted(cores, events, site, measured, scheduler, analysis="df103"):
    """Return what the model says."""
    of, worker = measured[analysis], measured["worker"]
    per_event = 1e-6 * (of["read_us_per_event"] + of["kernel_us_per_event"])
    chunks = chunks_per_task(events, cores, site)
    tasks = events / (site.events_per_chunk * chunks)
    added = 1e-3 * of["sum_ms"] / of["sum_of"]  # reading one partial result, adding and writing it
    groups = tasks / scheduler["group"]
    alone = cores == 1
    return Prediction(
        cores,
        events,
        sum(worker.values()),
        events / site.events_per_file * measured["plan"]["s_per_file"] / site.planners,
        (events * per_event + (0 if alone else tasks * added * (1 + 1 / (scheduler["fan"] - 1)))) / cores,
        events * of["bytes_per_event"] / (1e9 * site.gb_per_s),
        0.0 if alone else 1e-3 * tasks * scheduler["cpu_ms_per_chunk"],
        0.0 if alone else groups * added,
        0.0 if alone else site.slow_worker * chunks * site.events_per_chunk * per_event,
    )


def words(seconds):
    """Return a time as it is read."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s"


def table(found, site):
    """Return the predictions as a table in Markdown."""
    head = "| events | cores | wall-clock | core-hours | euro | start | plan | compute | storage | scheduler | client | tail | longest |"
    lines = [head, "|" + "---|" * 13]
    for p in found:
        parts = (p.start, p.plan, p.compute, p.storage, p.scheduler, p.client, p.tail)
        cost = f"{p.core_hours:.3g} | {p.core_hours * site.euro_per_core_hour:.2g}"
        power = len(str(p.events)) - 1
        lines.append(
            f"| 10^{power} | {p.cores} | **{words(p.seconds)}** | {cost} | {' | '.join(map(words, parts))} | {p.limit} |"
        )
    return "\n".join(lines)


def inputs(measured, scheduler):
    """Return what was measured as a table in Markdown."""
    of, worker = measured["df103"], measured["worker"]
    varied = measured["large_50_variations"]
    rows = [
        ("reading, one core", f"{of['read_us_per_event']:.3g} µs/event"),
        ("kernel, one core", f"{of['kernel_us_per_event']:.3g} µs/event"),
        ("compressed bytes read", f"{of['bytes_per_event']:.3g} bytes/event in {of['columns']} branches"),
        ("before the first event of a worker", f"{sum(worker.values()):.2g} s (import {worker['import_s']:.2g}, order {worker['order_s']:.2g}, compile {worker['compile_s']:.2g}, first file {worker['open_s']:.2g})"),
        ("before the run, per file", f"{1000 * measured['plan']['s_per_file']:.2g} ms"),
        ("told to each worker once", f"{of['order_bytes'] / 1000:.0f} kB"),
        ("a partial result, and adding it", f"{of['bytes'] / 1000:.2g} kB, {of['sum_ms'] / of['sum_of']:.2g} ms"),
        ("the same of 100 histograms × 50 variations", f"{varied['bytes'] / 1e6:.2g} MB, {varied['sum_ms'] / varied['sum_of'] / 1000:.2g} s"),
        ("scheduler and client, per task", f"{scheduler['cpu_ms_per_chunk']:.2g} ms: {1000 / scheduler['cpu_ms_per_chunk']:.0f} tasks/s"),
    ]  # fmt: skip
    return "\n".join(["| | measured here |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def marked(text, name, content):
    """Return a page with the content between two marks."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert pattern.search(text), f"docs/scaling.md has no marks for {name}"
    return pattern.sub(lambda m: f"{m[1]}{content}\n{m[2]}", text)


def page(text, measured, scheduler):
    """Return docs/scaling.md with the numbers of now."""
    here = Site()
    found = predictions(here, measured, scheduler)
    text = marked(text, "measured", inputs(measured, scheduler))
    return marked(text, "model", table(found, here))


def predictions(site, measured, scheduler):
    return [predicted(cores, events, site, measured, scheduler) for events in EVENTS for cores in CORES]


def drawn(site, measured, scheduler, path):
    """Draw every part of a run against the number of cores, once per number of events."""
    import matplotlib.pyplot as plt
    import numpy as np

    cores = np.unique(np.geomspace(1, 10_000, 60).astype(int))
    figure, panels = plt.subplots(1, len(EVENTS), figsize=(11, 4.4), sharex=True)
    for panel, events in zip(panels, EVENTS, strict=True):
        found = [predicted(int(n), events, site, measured, scheduler) for n in cores]
        for name in ("compute", "storage", "scheduler", "plan", "tail", "start"):
            panel.loglog(cores, [getattr(p, name) for p in found], label=name)
        panel.loglog(cores, [p.seconds for p in found], "k--", label="wall-clock")
        panel.set(title=f"$10^{{{len(str(events)) - 1}}}$ events", xlabel="cores", ylim=(0.5, None))
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("seconds")
    panels[1].legend(loc="upper right", fontsize="small")
    figure.tight_layout()
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
