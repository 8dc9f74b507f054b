"""Who works for a run, threads here or a cluster: looks at files, and does what is left, entered into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from hzdsl.backends.base import Number
from hzdsl.errors import HzdslError
from hzdsl.run.inputs.survey import Survey, survey_here
from hzdsl.run.options import Options
from hzdsl.run.parts.partials import Part
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.work.done import Done
from hzdsl.run.work.ledger import Ledger
from hzdsl.run.work.progress import Progress
from hzdsl.run.work.threads import on_threads

Keep = Callable[[Iterable[Part]], None]


def execute(
    plan: Plan, values: Mapping[str, Number], options: Options, ledger: Ledger, keep: Keep | None = None
) -> None:
    """Do all that is left in a ledger, or as much as is done when the run is asked to stop; `keep` parts on the way.

    Raises
    ------
    HzdslError
        `branch-type`, `exclusive`, what no repetition mends; `cluster`.
    """
    progress = Progress(options.watch, plan, ledger)
    with options.stop.hearing():
        for done in _engine(plan, values, options, ledger):
            _enter(done, plan, ledger, progress, keep)
    if not options.stop.asked:
        ledger.close()


def ending(plan: Plan, options: Options, ledger: Ledger) -> str:
    """Return how a run has ended: ``done``, ``stopped``, or ``lost`` where it lacks what it may not lack."""
    if options.stop.asked:
        return "stopped"
    bad = bool(ledger.losses or plan.unopened)
    return "lost" if bad and not options.allow_missing else "done"


def _enter(done: Done, plan: Plan, ledger: Ledger, progress: Progress, keep: Keep | None) -> None:
    for part in done.parts:
        check_apart(plan.jobs[part.job], part)
        ledger.enter(part)
    for loss in done.losses:
        ledger.lose(loss)
        progress.lost(loss)
    if keep is not None:
        keep(done.parts)
    if done.parts or done.losses:
        progress.done(done)


def survey_of(options: Options) -> Survey:
    """Return who looks at the files of a run: this process, or the workers of a cluster."""
    if options.client is None:
        return survey_here
    from hzdsl.run.cluster.surveys import ClusterSurvey  # which needs dask

    return ClusterSurvey(options)


def _engine(plan: Plan, values: Mapping[str, Number], options: Options, ledger: Ledger) -> Iterator[Done]:
    if options.client is None:
        return on_threads(plan, values, options, ledger.left)
    from hzdsl.run.cluster.distribution import on_cluster  # which needs dask

    return on_cluster(plan, values, options, ledger.left)


def check_apart(job: Job, part: Part) -> None:
    """Refuse to go on where an event is in two regions that are declared exclusive.

    Raises
    ------
    HzdslError
        `exclusive`, for the first such event of the part.
    """
    found = [
        (int(first), int(n), pair)
        for (n, first), pair in zip(part.partial.overlaps, job.bound.worlds.pairs, strict=True)
        if n
    ]
    if not found:
        return
    first, n, pair = min(found, key=lambda x: x[0])
    tree = next(t for t in reversed(job.trees) if t.first <= first and t.entries)
    under = f", under the variation {pair.variation}" if pair.variation is not None else ""
    raise HzdslError(
        "exclusive",
        f"regions '{pair.first}' and '{pair.second}' are declared exclusive{under}, but entry "
        f"{first - tree.first} of {tree.where} is in both (so are {n - 1} more of this chunk)",
        fix="add a requirement to one that the other excludes, or do not declare them exclusive",
    )
