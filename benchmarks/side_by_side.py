"""Functions side by side in one process: on one core, in turn, the least of many short repeats; ratios to one of them.

    rivals = [Rival("ours", make_ours), Rival("theirs", make_theirs, "jax")]
    found = compared(rivals, ["value", "fit"], repeats=9)
    print(table(found, ["value", "fit"], reference="ours"))

`make` imports, builds and returns a function for each task; who cannot be imported is left out, which is said. What is
compiled at the first call is part of "cold": making, and the first call of what "cold" names. A function "prepare" is
called before each repeat and not timed.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harness import figures, version_of

#: A repeat of fast functions is the least of so many groups of calls, each of which lasts about so long.
GROUPS, GROUP_S = 10, 0.002
#: Of one rival at one task no further repeat begins after so long.
PATIENCE_S = 30.0
#: A first call of this length warms nothing up: it is the first repeat.
SLOW_S = 20.0


@dataclass(frozen=True)
class Rival:
    """Who takes part: `make` returns functions without arguments by task."""

    name: str
    make: Callable[[], dict[str, Callable[[], object]]]
    #: The package whose version stands on the page.
    package: str = ""


@dataclass
class Measured:
    """What came of a rival: seconds by task, repeat by repeat, and what each task returned."""

    name: str
    package: str = ""
    cold: float | None = None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    absent: str = ""
    calls: dict[str, Callable[[], object]] = field(default_factory=dict)
    many: dict[str, int] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def least(self, task):
        """The least seconds of one call; None if it has none."""
        return min(self.seconds.get(task, []), default=None)

    def prepare(self):
        """Do what is not timed."""
        self.calls.get("prepare", lambda: None)()

    def as_data(self):
        """What the JSON document keeps."""
        version = version_of(self.package) if self.package else ""
        return {"name": self.name, "version": version, "cold_s": self.cold, "s": self.seconds} | {
            "absent": self.absent,
            "failures": self.failures,
        }


def one_core():
    """Keep this process and its threads on one core: before NumPy and JAX count cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def compared(rivals, tasks, repeats, cold=()):
    """Make all rivals, then let them take turns at each task; `cold` names what the cold start ends with."""
    found = [_made(rival, cold) for rival in rivals]
    for task in tasks:
        taking = [m for m in found if task in m.calls and not m.absent]
        for m in taking:
            _first(m, task)
        taking = [m for m in taking if task not in m.failures]
        for _ in range(repeats - 1):
            for m in taking:
                if sum(m.seconds[task]) * m.many[task] < PATIENCE_S:
                    m.seconds[task].append(_seconds(m, task, m.many[task]))
        for m in taking:
            print(f"{m.name}: {task} {time_text(m.least(task))}", file=sys.stderr)
    return found


def _made(rival, cold):
    measured = Measured(rival.name, rival.package)
    start = time.perf_counter()
    try:
        measured.calls = rival.make()
        for task in cold:
            if task in measured.calls:
                measured.calls[task]()
    except ImportError as error:
        measured.absent = f"not measured: {error}"
        return measured
    except Exception as error:  # an opponent of another version: the others are measured
        measured.absent = "failed"
        measured.failures["start"] = _said(error)
        return measured
    measured.cold = time.perf_counter() - start
    print(f"{rival.name}: made in {time_text(measured.cold)}", file=sys.stderr)
    return measured


def _said(error):
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def _first(m, task):
    """Call once to warm up, see how many calls a repeat is, and measure the first."""
    m.prepare()
    start = time.perf_counter()
    try:
        m.answers[task] = m.calls[task]()
    except Exception as error:  # a fit that fails
        m.failures[task] = _said(error)
        print(f"{m.name}: {task} failed: {error}", file=sys.stderr)
        return
    once = time.perf_counter() - start
    if once > SLOW_S:
        m.many[task], m.seconds[task] = 1, [once]
        return
    once = min(once, _seconds(m, task, 1))
    m.many[task] = max(1, int(GROUP_S / once))
    m.seconds[task] = [_seconds(m, task, m.many[task])]


def _seconds(m, task, many):
    m.prepare()
    return min(_group(m.calls[task], many) for _ in range(GROUPS if many > 1 else 1))


def _group(call, many):
    start = time.perf_counter()
    for _ in range(many):
        call()
    return (time.perf_counter() - start) / many


# ---- pages ---------------------------------------------------------------------------------------------------------


def time_text(seconds):
    """Seconds in the unit that suits them.

    >>> time_text(0.00051), time_text(2.3e-5), time_text(12.0)
    ('0.510 ms', '23.0 µs', '12.0 s')
    """
    if seconds is None:
        return "–"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.3 * size:
            return f"{figures(seconds / size)} {unit}"
    return f"{figures(seconds / 1e-6)} µs"


def table(found, tasks, reference, cold=True):
    """Markdown: a row for each rival, a column for each task; in parentheses the ratio to the reference."""
    by = next((m for m in found if m.name == reference and not m.absent), None)
    columns = [*tasks, *(["cold"] if cold else [])]
    lines = [f"| | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for m in found:
        if m.absent:
            lines.append(f"| {m.name} | {m.absent} {'| ' * len(columns)}|")
            continue
        cells = ["failed" if t in m.failures else _cell(m.least(t), by.least(t) if by else None) for t in tasks]
        cells += [_cell(m.cold, by.cold if by else None)] if cold else []
        lines.append(f"| {m.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(seconds, reference):
    if seconds is None:
        return "–"
    ratio = f" ({figures(seconds / reference)})" if reference else ""
    return f"{time_text(seconds)}{ratio}"


def versions(found):
    """One line on the packages."""
    names = dict.fromkeys(m.package for m in found if m.package and not m.absent)
    return ", ".join(f"{name} {version_of(name)}" for name in names)
