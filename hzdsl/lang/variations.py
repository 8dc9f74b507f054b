"""`vary`: a value with alternatives, as systematic variations and replicas are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.literals import plain_labels
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.templates_tables import replicas
from hzdsl.lang.values import Value, to_node


def vary(nominal: Any, **alternatives: Any) -> Value:
    """Return a value that variations replace: ``vary(pt, jes=(1.02*pt, 0.98*pt))``.

    Two alternatives are called up and down, another number of them 0, 1, 2, …; a dictionary, or labels and alternatives
    in turn, name them otherwise. The first n of a list of numbers (``LHEPdfWeight[:100]``) are n replicas; where the
    list is shorter, nominal stands for those it lacks. What has the same name anywhere in an analysis varies together;
    what depends on it follows.
    """
    node = to_node(nominal)
    if not alternatives:
        raise HzdslError("arguments", "vary needs alternatives", fix="vary(pt, jes=(1.02*pt, 0.98*pt))")
    for name, given in alternatives.items():
        labelled = _labelled(name, given, node)
        node = build.vary(node, tuple(labelled.values()), name, tuple(labelled))
    return Value(node)


def _labelled(name: str, given: Any, nominal: Node) -> dict[str, Node]:
    """Return the alternatives of one variation by their labels."""
    if isinstance(given, Mapping):
        if not given or not all(isinstance(label, str) and label.strip() for label in given):
            raise HzdslError("arguments", f"the labels of variation '{name}' are {list(given)}", fix=_example(name))
        return {label: to_node(x) for label, x in given.items()}
    if isinstance(given, Sequence) and not isinstance(given, str) and len(given):
        if isinstance(given[0], str):  # text has no dictionaries
            return _labelled(name, in_turn(given, f"variation '{name}'", _example(name)), nominal)
        labels = plain_labels(len(given))
        return {label: to_node(x) for label, x in zip(labels, given, strict=True)}
    if isinstance(given, Value) and (found := replicas(given.node, nominal)):
        return {str(k): node for k, node in enumerate(found)}
    said = spell(given.node, 60) if isinstance(given, Value) else repr(given)
    raise HzdslError("arguments", f"the alternatives of variation '{name}' are {said}", fix=_example(name))


def in_turn(given: Sequence[Any], what: str, fix: str) -> dict[str, Any]:
    """Return what is given as labels and values in turn: text has no dictionaries."""
    labels = list(given[::2])
    if len(given) % 2 or not all(isinstance(n, str) for n in labels) or len(set(labels)) < len(labels):
        raise HzdslError("arguments", f"{what} takes labels and values in turn, each label once", fix=fix)
    return dict(zip(labels, given[1::2], strict=True))


def _example(name: str) -> str:
    return f'{name}=(up, down), {name}={{"up": x}}, or a list such as LHEPdfWeight[:100]'
