"""What happens to items of work, as the events that a `Watch` tells (`hzdsl.run.watch` lists them)."""

from __future__ import annotations

from hzdsl.errors import HzdslError
from hzdsl.run.plan.items import WorkItem
from hzdsl.run.plan.plan import Plan
from hzdsl.run.watch import Watch
from hzdsl.run.work.done import Done, Loss
from hzdsl.run.work.ledger import Ledger


class Progress:
    """Counts entries and files of a plan as its items are done, where somebody listens.

    Parameters
    ----------
    watch : Watch
        Who is told.
    plan : Plan
        The run.
    ledger : Ledger
        Its account; what is entered before the first item is known from before.
    """

    def __init__(self, watch: Watch, plan: Plan, ledger: Ledger) -> None:
        self._watch, self._ledger, self._total = watch, ledger, ledger.planned
        if not watch.heard:
            return
        self._left = {id(t): ledger.left_of(number, t) for number, job in enumerate(plan.jobs) for t in job.trees}
        self._files, self._files_done = len(self._left), sum(not left for left in self._left.values())
        size = sum(t.bytes_of(self._left[id(t)]) for t in plan.trees)
        watch.tell("plan", samples=len(plan.jobs), files=self._files, entries=self._total, done=ledger.done, bytes=size)

    def lost(self, loss: Loss) -> None:
        """Tell that entries are lost."""
        error = loss.error
        self._watch.tell("lost", **_place(loss.item), attempts=loss.attempts, code=error.code, error=error.message)

    def done(self, done: Done) -> None:
        """Tell that items are done, which are in the ledger now."""
        if self._watch.heard:
            for item in done.items:
                lost = sum(x.item.stop - x.item.start for x in done.losses if _within(x.item, item))
                self._item(item, done.seconds / len(done.items), lost)

    def _item(self, item: WorkItem, seconds: float, lost: int) -> None:
        tree, entries = item.tree, item.stop - item.start
        self._left[id(tree)] -= entries
        self._files_done += not self._left[id(tree)]
        self._watch.tell(
            "unit",
            **_place(item),
            ms=round(1000 * seconds, 3),
            bytes=tree.bytes_of(entries),
            lost=lost,
            done=self._ledger.done,
            total=self._total,
            files_done=self._files_done,
            files=self._files,
        )


def _within(part: WorkItem, item: WorkItem) -> bool:
    return part.tree is item.tree and item.start <= part.start < item.stop


def tell_retry(watch: Watch, item: WorkItem, error: HzdslError, attempt: int) -> None:
    """Tell that an item is tried again."""
    at = {"file": item.tree.path, "start": item.start, "stop": item.stop}
    watch.tell("retry", **at, attempt=attempt, code=error.code, error=error.message)


def _place(item: WorkItem) -> dict[str, object]:
    tree = item.tree
    return {"sample": tree.sample, "file": tree.path, "tree": tree.found, "start": item.start, "stop": item.stop}
