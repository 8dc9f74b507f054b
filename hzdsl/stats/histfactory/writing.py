"""A binned model as a HistFactory document, where such a document can say it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from hzdsl.io.sinks import write_text
from hzdsl.stats.histfactory.records import Rules
from hzdsl.stats.histfactory.unsaid import OTHERWISE, not_said
from hzdsl.stats.histfactory.written import WrittenSets
from hzdsl.stats.parameters import Vector
from hzdsl.stats.templates.model import Channel, Norm, NormRule, Process, Shape, ShapeRule, TemplateModel


def write(
    model: TemplateModel,
    path: str | os.PathLike[str],
    *,
    measurement: str = "measurement",
    normsys: NormRule = "code4",
    histosys: ShapeRule = "code4p",
) -> None:
    """Write a model as a HistFactory document of pyhf's schema 1.0.0.

    Parameters
    ----------
    model : TemplateModel
        What is written.
    path : str
        Of the file; it is written whole or not at all.
    measurement : str
        The name of the one measurement.
    normsys, histosys : str
        How the document will be interpolated, which it does not say itself: who reads it has to choose the same.

    Raises
    ------
    HzdslError
        ``unsupported`` for what such a document cannot say, naming it; ``output`` where the file cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from hzdsl.stats.parameters import Parameter, Parameters
    >>> from hzdsl.stats.templates.model import Factor
    >>> signal = Process("s", np.array([1.0, 2.0]), factors=(Factor("mu"),))
    >>> mu = Parameter("mu", 1.0, 0.0, 10.0, interest=True)
    >>> model = TemplateModel((Channel("SR", (signal,), np.array([3.0, 1.0])),), Parameters([mu]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(model, f"{folder}/a.json")
    ...     json.loads(pathlib.Path(folder, "a.json").read_text())["measurements"][0]["config"]["poi"]
    'mu'
    """
    document = document_of(model, measurement, normsys, histosys)
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def document_of(
    model: TemplateModel, measurement: str = "measurement", normsys: NormRule = "code4", histosys: ShapeRule = "code4p"
) -> dict[str, Any]:
    """Return what the document of a model holds."""
    sets = WrittenSets(model)
    rules = Rules(normsys, histosys)
    channels = [{"name": c.name, "samples": [_sample(c, p, sets, rules) for p in c.processes]} for c in model.channels]
    config = {"poi": sets.interest(), "parameters": sets.settings()}
    return {
        "channels": channels,
        "observations": [{"name": c.name, "data": c.counts.tolist()} for c in model.channels],
        "measurements": [{"name": measurement, "config": config}],
        "version": "1.0.0",
    }


def _sample(channel: Channel, process: Process, sets: WrittenSets, rules: Rules) -> dict[str, Any]:
    where = f"of {process.name} in {channel.name}"
    _check(channel, process, where)
    contents = process.rate * process.contents
    modifiers = [_norm(x, sets, rules.normsys, where) for x in process.norms]
    modifiers += [sets.factor(x.parameter) for x in process.factors]
    modifiers += [_shape(x, process, sets, rules.histosys, where) for x in process.shapes]
    modifiers += [sets.of_bins(x, channel, process) for x in process.gammas]
    return {"name": process.name, "data": contents.tolist(), "modifiers": modifiers}


def _check(channel: Channel, process: Process, where: str) -> None:
    lacking = {
        f"the expression that scales the rate {where}": process.scale is not None,
        f"the floor of {process.floor} {where}": process.floor is not None,
        f"the normalised shape {where}": process.normalized and bool(process.shapes),
        f"what is added to single bins {where}": process.added is not None,
        f"the floor of {channel.floor} of {channel.name}": channel.floor is not None,
        f"the mask of {channel.name}": channel.mask is not None,
        f"the profiled statistical errors of {channel.name}": channel.profiled is not None and channel.profiled.any(),
    }
    for what, so in lacking.items():
        if so:
            raise not_said(what)


def _norm(norm: Norm, sets: WrittenSets, rule: str, where: str) -> dict[str, Any]:
    exponential = norm.rule == "combine" and rule == "code1" and norm.up * norm.down == 1  # κ^θ
    if norm.rule != rule and not exponential:
        fix = f'write it with normsys="{norm.rule}"' if norm.rule in ("code1", "code4") else OTHERWISE
        raise not_said(f"the interpolation '{norm.rule}' of the normalisation by '{norm.parameter}' {where}", fix)
    sets.variation(norm.parameter, "normsys")
    return {"name": norm.parameter, "type": "normsys", "data": {"lo": norm.down, "hi": norm.up}}


def _shape(shape: Shape, process: Process, sets: WrittenSets, rule: str, where: str) -> dict[str, Any]:
    said = "code4p" if shape.rule == "combine" and shape.joined == 1 else shape.rule  # the same polynomial
    if said != rule or shape.scale != 1 or shape.log:
        fix = f'write it with histosys="{said}"' if said in ("code0", "code2", "code4p") and said != rule else OTHERWISE
        how = f"'{shape.rule}' of logarithms" if shape.log else f"'{shape.rule}' scaled by {shape.scale:g}"
        how = f"'{shape.rule}'" if shape.scale == 1 and not shape.log else how
        raise not_said(f"the interpolation {how} of the shape by '{shape.parameter}' {where}", fix)
    sets.variation(shape.parameter, "histosys")
    low, high = whole_contents(process, shape)
    return {
        "name": shape.parameter,
        "type": "histosys",
        "data": {"lo_data": low.tolist(), "hi_data": high.tolist()},
    }


def whole_contents(process: Process, shape: Shape) -> tuple[Vector, Vector]:
    """Return the contents at -1 and +1 of a shape; their rounded differences to h0 are its own, if numbers have it."""
    contents = process.rate * process.contents
    low, high = (
        np.array([_minuend(float(h), float(d)) for h, d in zip(contents, process.rate * differences, strict=True)])
        for differences in (shape.down, shape.up)
    )
    return low, high


def _minuend(h: float, d: float) -> float:
    return next((x for x in _neighbours(h + d) if x - h == d), h + d)


def _neighbours(x: float) -> Iterator[float]:
    yield x
    for step in (np.inf, -np.inf):
        yield float(np.nextafter(x, step))
