"""Units through kernels: reading, executing and entering into the ledger, in the order of the entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.run.attempts import Outcome, attempt
from hzdsl.run.files import InputTree
from hzdsl.run.ledger import Ledger
from hzdsl.run.partials import Part
from hzdsl.run.plan import Options, Plan
from hzdsl.run.pool import in_order
from hzdsl.run.state import State
from hzdsl.run.units import Unit, units


def execute(
    plan: Plan, values: Mapping[str, Number], options: Options, ledger: Ledger, state: State | None = None
) -> None:
    """Do all that is left in a ledger, or as much of it as is done when the run is asked to stop; keep it in a state.

    Raises
    ------
    HzdslError
        `branch-type`, `exclusive`, what no repetition mends: the first in the order of the entries.
    """

    def one(unit: Unit) -> Outcome:
        return attempt(unit, values, options)

    with options.stop.hearing():
        _all(in_order(one, units(plan, options, ledger.left), options.threads), options, ledger, state)
    if not options.stop.asked:
        ledger.close()


def _all(outcomes: Iterable[tuple[Unit, Outcome]], options: Options, ledger: Ledger, state: State | None) -> None:
    """Enter all outcomes."""
    before: InputTree | None = None
    for unit, outcome in outcomes:
        for part in outcome.parts:
            check_apart(unit, part)
            ledger.enter(part)
        for loss in outcome.losses:
            ledger.lose(loss)
            options.watch.lost(loss)
        if state is not None:
            state.keep(outcome.parts)
        if outcome.parts or outcome.losses:
            options.watch.unit(unit, outcome.seconds, ledger)
        if before is not None and before is not unit.tree:
            before.close()
        before = unit.tree


def check_apart(unit: Unit, part: Part) -> None:
    """Refuse to go on where an event is in two regions that are declared exclusive.

    Raises
    ------
    HzdslError
        `exclusive`, for the first such event of the part.
    """
    found = [
        (int(first), int(n), pair)
        for (n, first), pair in zip(part.partial.overlaps, unit.job.bound.worlds.pairs, strict=True)
        if n
    ]
    if not found:
        return
    first, n, pair = min(found, key=lambda x: x[0])
    under = f", under the variation {pair.variation}" if pair.variation is not None else ""
    raise HzdslError(
        "exclusive",
        f"regions '{pair.first}' and '{pair.second}' are declared exclusive{under}, but entry "
        f"{first - unit.tree.first} of {unit.tree.where} is in both (so are {n - 1} more of this chunk)",
        fix="add a requirement to one that the other excludes, or do not declare them exclusive",
    )
