"""From what is in a ledger to a result: here weights of samples come in, and remarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hzdsl.backends.base import Number
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.results.result import Result, SampleResult, Totals
from hzdsl.run.inputs.traffic import traffic_notes
from hzdsl.run.outcome.blank import range_notes
from hzdsl.run.outcome.missing import NOT_READ, missing_notes, missing_of
from hzdsl.run.outcome.tally import Tally, total_histograms, total_regions
from hzdsl.run.parts.partials import Part
from hzdsl.run.plan.plan import Job, Plan
from hzdsl.run.plan.weights import sample_weight
from hzdsl.run.program.bind import Bound
from hzdsl.run.program.parameters import overridden, spelled
from hzdsl.run.work.ledger import Ledger


def finished(
    document: Document, values: Mapping[str, Number], plan: Plan, ledger: Ledger, made_by: Mapping[str, object]
) -> Result:
    """Return the result of what is in a ledger.

    Parameters
    ----------
    document, values, plan
        The run.
    ledger : Ledger
        What was done.
    made_by : mapping
        Its provenance.
    """
    samples = {
        job.sample.name: _sample_result(job, part, document)
        for job, part in zip(plan.jobs, ledger.parts(), strict=True)
    }
    result = Result(
        analysis=document.name,
        hash=analysis_hash(document),
        events=sum(s.events for s in samples.values()),
        regions=total_regions(document.regions, samples.values()),
        histograms=total_histograms(plan.full, samples.values()),
        samples=samples,
        parameters={p.name: spelled(p, values[p.name]) for p in document.parameters},
        overrides=overridden(document, values),
        totals=_by_kind(document, plan.full, samples),
        provenance=made_by,
        luminosity=document.luminosity,
        experiment=document.experiment,
        energy=document.energy,
        inputs=tuple(t.record() for t in plan.trees),
        outputs=tuple(document.output_names()),
        missing=missing_of(plan, ledger, document),
    )
    stopped = any(m.reason == NOT_READ for m in result.missing)
    notes = (
        *plan.notes,
        *mask_notes(samples.values()),
        *(() if stopped else range_notes(plan, samples, values)),  # which reads again, and there is haste
        *missing_notes(result),
        *traffic_notes(result.inputs),
    )
    return replace(result, notes=notes)


def _sample_result(job: Job, part: Part, document: Document) -> SampleResult:
    """Return a sample's result, its templates in the place of histograms that it would have filled."""
    if not job.trees:
        return SampleResult(job.sample, 0, job.sample.scale, {}, dict(job.templates))
    weight = sample_weight(job.sample, document.luminosity, job.entries)
    made = Tally(job.bound, part).result(job.sample, weight)
    merged = {**made.histograms, **job.templates}
    return replace(made, histograms={h.key: merged[h.key] for h in document.histograms if h.key in merged})


def _by_kind(document: Document, full: Bound, samples: Mapping[str, SampleResult]) -> dict[str, Totals]:
    """Return the sums over all simulation and over all data, where there are both."""
    kinds: dict[str, list[SampleResult]] = {}
    for s in samples.values():
        kinds.setdefault(s.sample.kind, []).append(s)
    if len(kinds) < 2:
        return {}
    return {
        kind: Totals(sum(s.events for s in of), total_regions(document.regions, of), total_histograms(full, of))
        for kind, of in sorted(kinds.items(), reverse=True)
    }


def mask_notes(samples: Iterable[SampleResult]) -> list[str]:
    """Return a remark per sample of data of which events are outside the luminosity mask.

    Examples
    --------
    >>> from hzdsl.ir.analysis import Sample
    >>> mask_notes([SampleResult(Sample("A"), 10, 1.0, {}, {}, masked=3)])
    ['sample A: 3 of 10 entries are outside the luminosity mask']
    """
    return [
        f"sample {s.sample.name or 'events'}: {s.masked} of {s.events} entries are outside the luminosity mask"
        for s in samples
        if s.masked
    ]
