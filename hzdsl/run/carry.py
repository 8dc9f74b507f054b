"""Carrying a run out: plan, continue what was kept, execute, keep, and make the result."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import perf_counter

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.provenance import provenance
from hzdsl.results.result import Result
from hzdsl.run.execute import execute
from hzdsl.run.kept.frame import Frame, frame_of
from hzdsl.run.kept.slices import window, write_slice
from hzdsl.run.kept.state import State
from hzdsl.run.options import Options
from hzdsl.run.outcome.finished import finished
from hzdsl.run.outcome.missing import DataLost
from hzdsl.run.plan.plan import Plan
from hzdsl.run.plan.planning import planned
from hzdsl.run.program.parameters import resolve
from hzdsl.run.watch import Watch
from hzdsl.run.work.ledger import Ledger
from hzdsl.version import __version__


def carry_out(document: Document, given: Mapping[str, Number], options: Options) -> Result:
    """Run an analysis and return its result; see `hzdsl.run.run`."""
    values, watch, began = resolve(document, given), options.watch, perf_counter()
    about = {"backend": options.backend.name, "threads": options.threads, "hzdsl": __version__}
    watch.tell("start", analysis=document.name, hash=analysis_hash(document), **about)
    try:
        with planned(document, values, options) as plan:
            ledger = Ledger(plan, options.tables, window(plan, options.slice))
            kept = options.keeping is not None or options.slice is not None
            frame = frame_of(document, values, plan, options) if kept else {}
            _executed(plan, values, options, ledger, frame)
            bad = bool(ledger.losses or plan.unopened)
            status = "stopped" if options.stop.asked else "lost" if bad and not options.allow_missing else "done"
            if options.slice is not None and status == "done":
                write_slice(options.slice.path, frame, ledger, plan)
            inputs = tuple(t.record() for t in plan.trees)
            made_by = provenance(options.backend.name, inputs, options.max_events)
            result = finished(document, values, plan, ledger, made_by)
    except BaseException as error:
        with suppress(HzdslError):  # what ended the run is to be said, not that the log is full
            _tell_end(watch, began, "failed", error=str(error) or type(error).__name__)
        raise
    with suppress(HzdslError):  # the result is there
        _tell_end(watch, began, status, result.events, sum(m.events or 0 for m in result.missing))
    if status == "lost":
        raise DataLost(result)
    return result


def _tell_end(watch: Watch, began: float, status: str, entries: int = 0, missing: int = 0, **why: str) -> None:
    seconds = round(perf_counter() - began, 3)
    watch.tell("end", status=status, entries=entries, missing=missing, seconds=seconds, **why)


def _executed(plan: Plan, values: Mapping[str, Number], options: Options, ledger: Ledger, frame: Frame) -> None:
    """Do what is left, keeping it on the way where that is wanted."""
    if options.keeping is None:
        execute(plan, values, options, ledger)
        return
    state = State(options.keeping, plan, frame, options.watch)
    for part in state.resumed():
        ledger.enter(part)
    try:
        execute(plan, values, options, ledger, state)
    except BaseException:
        with suppress(HzdslError):  # what ended the run is to be said
            state.close(done=False)
        raise
    state.close(done=not options.stop.asked and not ledger.losses)
