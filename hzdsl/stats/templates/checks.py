"""What a model of templates is refused for: arrays of other lengths, numbers that are none, names of nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.stats.fields import apart
from hzdsl.stats.parameters import Parameters, Vector
from hzdsl.stats.templates.model import Channel, Process, TemplateModel


def check_model(model: TemplateModel) -> None:
    """Refuse a model that makes no sense, saying where.

    Raises
    ------
    HzdslError
        ``model`` for another kind of record and numbers that do not fit, ``name-unknown`` for parameters that there are
        not, ``name-twice`` for channels and processes.
    """
    if not isinstance(model, TemplateModel):
        fix = "TemplateModel((channel, …), Parameters([…]))"
        raise HzdslError("model", f"{model!r:.60} is no TemplateModel", fix=fix)
    if not model.channels:
        raise HzdslError("model", "the model has no channels", fix="TemplateModel((channel, …), Parameters([…]))")
    apart("channels", [c.name for c in model.channels])
    for channel in model.channels:
        _check_channel(channel, model.parameters)


def _check_channel(channel: Channel, parameters: Parameters) -> None:
    where, bins = f"channel '{channel.name}'", len(channel.counts)
    if not channel.processes:
        raise HzdslError("model", f"{where} has no process", fix="give it one, or leave it out")
    apart(f"processes of {where}", [p.name for p in channel.processes])
    for process in channel.processes:
        _check_process(process, f"process '{process.name}' of {where}", bins, parameters)
    _need(channel.counts, bins, f"the counts of {where}", least=0.0)
    if channel.profiled is not None:
        _need(channel.profiled.astype(float), bins, f"the flags of profiled bins of {where}")
    if channel.mask is not None:
        _known(where, channel.mask, parameters)


def _check_process(process: Process, where: str, bins: int, parameters: Parameters) -> None:
    for what, values, least in _arrays(process):
        _need(values, bins, f"{what} of {where}", least)
    for name in (*process.of_whole(), *(name for _, name in process.of_bins())):
        _known(where, name, parameters)
    if any(s.log for s in process.shapes) and any(not s.log or s.rule != "combine" for s in process.shapes):
        what = f"{where} mixes shapes of logarithms with others, or has some with a rule other than 'combine'"
        raise HzdslError("model", what, fix="write all shapes of a process in one way")


def _arrays(process: Process) -> Iterator[tuple[str, Any, float]]:
    """Yield all that there is one of for each bin, with the least that it may be."""
    yield "the contents", process.contents, -math.inf
    if process.errors is not None:
        yield "the errors", process.errors, 0.0
    for gammas in process.gammas:
        yield "the factors of bins", np.zeros(len(gammas.parameters)), 0.0
    if process.bin_scales is not None:
        yield "the expressions that multiply bins", np.ones(len(process.bin_scales)), 0.0
    if process.added is not None:
        yield "the parameters that are added to bins", np.zeros(len(process.added.parameters)), 0.0
        yield "the errors of what is added to bins", process.added.errors, 0.0
    for shape in process.shapes:
        yield from ((f"shape '{shape.parameter}'", side, -math.inf) for side in (shape.up, shape.down))


def _known(where: str, name: Any, parameters: Parameters) -> None:
    try:
        parameters.index(name)
    except HzdslError as error:
        raise HzdslError(error.code, f"{where}: {error.message}", fix=error.fix) from None


def _need(values: Sequence[float] | Vector, bins: int, what: str, least: float = -math.inf) -> None:
    """Refuse what is not a finite number for each bin, or below what it may be."""
    found = np.asarray(values, float)
    if found.shape != (bins,):
        raise HzdslError("model", f"{what} are {found.size} numbers for {bins} bins", fix="give one for each bin")
    if not np.isfinite(found).all():
        k = int(np.flatnonzero(~np.isfinite(found))[0])
        raise HzdslError("model", f"{what} are {found[k]} in bin {k}", fix="give finite numbers")
    if (found < least).any():
        k = int(np.argmin(found))
        raise HzdslError("model", f"{what} are {found[k]:g} in bin {k}", fix=f"give numbers of {least:g} or more")
