"""A run that keeps what it does: continued from what was kept before, or one of several slices."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.run.execute import ending, execute
from hzdsl.run.kept.frame import frame_of
from hzdsl.run.kept.slices import write_slice
from hzdsl.run.kept.state import State
from hzdsl.run.options import Options
from hzdsl.run.plan.plan import Plan
from hzdsl.run.work.ledger import Ledger


def execute_and_keep(
    document: Document, values: Mapping[str, Number], plan: Plan, options: Options, ledger: Ledger
) -> None:
    """Do what is left, keep it on the way where that is wanted, and write the numbers of a slice at its end.

    Raises
    ------
    HzdslError
        As `hzdsl.run.execute.execute`; `run-differs` where what was kept is of another run; `output`.
    """
    frame = frame_of(document, values, plan, options)
    if options.keeping is None:
        execute(plan, values, options, ledger)
    else:
        _with_state(State(options.keeping, plan, frame, options.watch), values, plan, options, ledger)
    if options.slice is not None and ending(plan, options, ledger) == "done":
        write_slice(options.slice.path, frame, ledger, plan)


def _with_state(state: State, values: Mapping[str, Number], plan: Plan, options: Options, ledger: Ledger) -> None:
    for part in state.resumed():
        ledger.enter(part)
    try:
        execute(plan, values, options, ledger, state.keep)
    except BaseException:
        with suppress(HzdslError):  # what ended the run is to be said
            state.close(done=False)
        raise
    state.close(done=not options.stop.asked and not ledger.losses)
