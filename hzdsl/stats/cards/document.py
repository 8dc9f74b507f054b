"""A card as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hzdsl.stats.cards.records import (
    Card,
    Constr,
    Discrete,
    Edit,
    Effect,
    ExtArg,
    FlatParam,
    Formula,
    InWorkspace,
    Line,
    Number,
    Param,
    RateParam,
    Systematic,
)
from hzdsl.stats.cards.writer import write_card

Plain = dict[str, Any]


def card_document(card: Card) -> Plain:
    """Return a card as dictionaries and lists; what is not said is left out.

    An effect is a number κ, or ``[down, up]``. The text of the card is in it, too: `text`.

    Examples
    --------
    >>> from hzdsl.stats.cards.reader import parse_card
    >>> card = parse_card("bin sr\\nobservation 3\\nbin sr\\nprocess h\\nprocess 0\\nrate 1\\nlumi lnN 0.98/1.03")
    >>> card_document(card)["systematics"]
    [{'name': 'lumi', 'kind': 'lnN', 'effects': {'sr': {'h': [0.98, 1.03]}}}]
    """
    numbers = {c.process: c.number for c in card.columns}
    declared = [x for x in card.lines if isinstance(x, Param | FlatParam | ExtArg | Discrete | Constr)]
    return {
        "source": card.source,
        "channels": [{"name": c.name, "observed": c.observed} for c in card.channels],
        "processes": [{"name": n, "number": k, "signal": k <= 0} for n, k in numbers.items()],
        "rates": [{"channel": c.channel, "process": c.process, "rate": c.rate} for c in card.columns],
        "shapes": [
            _said(process=s.process, channel=s.channel, file=s.file, nominal=s.nominal, varied=s.varied)
            for s in card.shapes
        ],
        "systematics": [_systematic(x) for x in card.of(Systematic)],
        "parameters": [_parameter(x) for x in declared],
        "rate_parameters": [
            {"name": x.name, "channel": x.channel, "process": x.process, **_value(x.value)} for x in card.of(RateParam)
        ],
        "groups": {name: list(members) for name, members in card.groups().items()},
        "statistics": {
            name: {"threshold": x.threshold, "include_signal": x.include_signal, "mode": x.mode}
            for name, x in card.auto_stats().items()
        },
        "edits": [[x.action, *x.words] for x in card.of(Edit)],
        "frozen": list(card.frozen),
        "text": write_card(card),
    }


def _said(**fields: object) -> Plain:
    """Return what is there of some fields."""
    return {name: x for name, x in fields.items() if x is not None and x != "" and x is not False}


def _systematic(x: Systematic) -> Plain:
    effects: dict[str, dict[str, Any]] = {}
    origins: dict[str, dict[str, str]] = {}
    for (channel, process), effect in x.effects.items():
        effects.setdefault(channel, {})[process] = _effect(effect)
        if effect.origin is not None:
            origins.setdefault(channel, {})[process] = effect.origin
    bounds = None if x.bounds is None else list(x.bounds)
    said = _said(count=x.count, bounds=bounds, nofloat=x.nofloat, origins=origins or None)
    return {"name": x.name, "kind": x.kind, **said, "effects": effects}


def _effect(effect: Effect) -> float | list[float]:
    return effect.up if effect.down is None else [effect.down, effect.up]


def _parameter(x: Line) -> Plain:
    match x:
        case Param():
            sigma: float | list[float] = x.sigma if x.sigma_low is None else [x.sigma_low, x.sigma]
            said = {"kind": "param", "mean": x.mean, "sigma": sigma, **_bounds(x.bounds)}
            return {"name": x.name, **said, **_said(nofloat=x.nofloat, origin=x.origin)}
        case FlatParam():
            return {"name": x.name, "kind": "flatParam", **_said(value=x.value), **_bounds(x.bounds)}
        case ExtArg():
            return {"name": x.name, "kind": "extArg", **_value(x.value)}
        case Constr():
            said = {"kind": "constr", "formula": x.formula, "width": x.width}
            return {"name": x.name, **said, **_said(arguments=x.arguments)}
        case _:
            return {"name": getattr(x, "name", ""), "kind": "discrete"}


def _bounds(bounds: tuple[float, float] | None) -> Plain:
    return {} if bounds is None else {"bounds": list(bounds)}


def _value(value: Number | Formula | InWorkspace) -> Mapping[str, Any]:
    if isinstance(value, Number):
        return {"value": value.value, **_bounds(value.bounds), **_said(constant=value.constant)}
    if isinstance(value, Formula):
        return {"formula": value.text, "arguments": list(value.arguments)}
    return {"file": value.file, "workspace": value.workspace, **_said(recycle=value.recycle)}
