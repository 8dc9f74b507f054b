"""A HistFactory document as a binned model, with exactly the meaning that pyhf gives it.

A sample is multiplied by its normsys, normfactor, lumi, shapefactor, shapesys and staterror modifiers after the
differences of its histosys were added (Cranmer et al., CERN-OPEN-2012-016; Heinrich et al., JOSS 6 (2021) 2823).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.stats.documents import meant, read_document
from hzdsl.stats.histfactory.decoding import chosen, regions_of
from hzdsl.stats.histfactory.lowering import process_of
from hzdsl.stats.histfactory.parameters import ParameterSet, parameter_sets
from hzdsl.stats.histfactory.patches import patched
from hzdsl.stats.histfactory.records import Measurement, Modifier, Region, Rules
from hzdsl.stats.parameters import Parameters
from hzdsl.stats.templates.model import (
    Channel,
    NormRule,
    ShapeRule,
    TemplateModel,
)

#: Rules that pyhf has for each.
_RULES = {"normsys": ("code1", "code4"), "histosys": ("code0", "code2", "code4p")}


def read(
    path: str | os.PathLike[str],
    measurement: str | None = None,
    *,
    patchset: str | os.PathLike[str] | None = None,
    patch: str | None = None,
    normsys: NormRule = "code4",
    histosys: ShapeRule = "code4p",
    negative: bool = False,
) -> TemplateModel:
    """Return the model of a HistFactory document.

    Parameters
    ----------
    path : str
        The document, JSON of pyhf's schema 1.0.0, compressed with gzip or not.
    measurement : str, optional
        Which of its measurements; needed where it has several.
    patchset : str, optional
        A patchset of pyhf, of which a patch is applied first; documents have no lines then.
    patch : str, optional
        The name of the patch of the patchset.
    normsys : {"code4", "code1"}
        How normalisations are interpolated: exponentials, joined by a polynomial within ±1 (code4).
    histosys : {"code4p", "code0", "code2"}
        How shapes are: piecewise linear (code0), joined by a polynomial (code4p), a parabola (code2).
    negative : bool
        Whether a sample may have contents below 0, as weighted events do; the sum of samples never may.

    Returns
    -------
    TemplateModel
        With pyhf's names and order of parameters. Of modifiers of bins errors are kept, so that `write` has them.

    Raises
    ------
    HzdslError
        What is wrong in the document, by its place: ``spec-format``, ``spec-key``, ``spec-value``, ``name-twice``,
        ``name-unknown``; ``options`` where a measurement or a patch has to be chosen.

    Examples
    --------
    >>> import json, tempfile
    >>> background = {"name": "b", "data": [50.0], "modifiers": [
    ...     {"name": "size", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}]}
    >>> document = {"version": "1.0.0", "channels": [{"name": "SR", "samples": [background]}],
    ...     "observations": [{"name": "SR", "data": [53.0]}],
    ...     "measurements": [{"name": "m", "config": {"poi": "", "parameters": []}}]}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     _ = file.write(json.dumps(document)), file.flush()
    ...     model = read(file.name)
    >>> model.parameters, model.channels[0].processes[0].norms
    (Parameters(size), (Norm(parameter='size', up=1.1, down=0.9, rule='code4'),))
    """
    rules = Rules(_rule("normsys", normsys), _rule("histosys", histosys))  # type: ignore[arg-type]
    document = read_document(path)
    if patchset is not None:
        document = patched(document, read_document(patchset), patch)
    elif patch is not None:
        raise HzdslError("options", f"the patch '{patch}' is of no patchset", fix="name the file: patchset=…")
    regions = regions_of(document, negative)
    return model_of(regions, chosen(document, measurement), rules)


def _rule(kind: str, rule: str) -> str:
    known = _RULES[kind]
    if rule not in known:
        fix = did_you_mean(rule, known) or f"known: {', '.join(known)}"
        raise HzdslError("options", f"'{rule}' is no interpolation of a {kind}", fix=fix)
    return rule


def model_of(regions: Sequence[Region], measurement: Measurement, rules: Rules) -> TemplateModel:
    """Return the model of channels and what a measurement says of their parameters."""
    sets = parameter_sets(regions, measurement)
    if not sets:
        what = "and all others have no modifier: there is nothing to fit"
        raise regions[0].at.error("spec-value", what, "give a sample a normfactor")
    _check_interest(measurement, sets)
    offsets = _offsets(regions, sets)

    def channel(region: Region) -> Channel:
        def of_bins(m: Modifier) -> tuple[str, ...]:
            start = offsets.get((region.name, m.name), 0)
            return sets[m.name].names()[start : start + len(region.counts)]

        processes = tuple(process_of(s, of_bins, rules) for s in region.samples)
        return Channel(region.name, processes, region.counts)

    return TemplateModel(
        tuple(map(channel, regions)), Parameters(p for s in sets.values() for p in s.parameters(measurement.poi))
    )


def _check_interest(measurement: Measurement, sets: Mapping[str, ParameterSet]) -> None:
    poi, at = measurement.poi, measurement.at["config"]["poi"]
    if poi and poi not in sets:
        raise at.error("name-unknown", f"is '{poi}', and there is no such parameter", fix=meant(poi, sets))
    if poi and len(sets[poi].inits) > 1:
        what = f"is '{poi}', which are {len(sets[poi].inits)} parameters"
        raise at.error("spec-value", what, "name one parameter, or leave it empty")


def _offsets(regions: Sequence[Region], sets: Mapping[str, ParameterSet]) -> dict[tuple[str, str], int]:
    """Return at which of its parameters a staterror begins in a channel: one that is shared goes on from bin to bin."""
    found: dict[tuple[str, str], int] = {}
    ends = dict.fromkeys((s.name for s in sets.values() if s.kind == "staterror"), 0)
    for region in sorted(regions, key=lambda r: r.name):
        for name in {m.name for s in region.samples for m in s.modifiers if m.kind == "staterror"}:
            found[region.name, name] = ends[name]
            ends[name] += len(region.counts)
    return found
