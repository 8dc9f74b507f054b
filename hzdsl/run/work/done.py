"""What becomes of items of work: parts and losses."""

from __future__ import annotations

from dataclasses import dataclass

from hzdsl.errors import HzdslError
from hzdsl.run.parts.partials import Part
from hzdsl.run.plan.items import WorkItem


@dataclass(frozen=True)
class Loss:
    """Entries of an item's tree that could not be read."""

    item: WorkItem
    error: HzdslError
    attempts: int


@dataclass(frozen=True)
class Done:
    """What became of items: parts and losses, which cover them, or nothing where the run was stopped.

    `seconds` is how long it took.
    """

    items: tuple[WorkItem, ...]
    parts: tuple[Part, ...] = ()
    losses: tuple[Loss, ...] = ()
    seconds: float = 0.0
