"""Carrying a run out: plan, execute, and make the result; what happens is told."""

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
from hzdsl.run.execute import ending, execute, survey_of
from hzdsl.run.options import Options
from hzdsl.run.outcome.finished import finished
from hzdsl.run.outcome.missing import DataLost
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
        with planned(document, values, options, survey_of(options)) as plan:
            ledger = Ledger(plan, options.tables, plan.entries(options.slice))
            if options.keeping is None and options.slice is None:
                execute(plan, values, options, ledger)
            else:
                from hzdsl.run.keep import execute_and_keep  # which most runs do not need

                execute_and_keep(document, values, plan, options, ledger)
            status = ending(plan, options, ledger)
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
