"""The hash of a meaning: equal for Python and text of the same analysis, different for any single change.

Names of regions, histograms, outputs, weights, variations and parameters, the order of cuts and weights, exclusive
regions, constants and the defaults of parameters enter; the name of the analysis, names of definitions, the order of
regions and histograms, samples, luminosity, labels, docs, bounds and plots do not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable

from hzdsl.ir.analysis import Document, Histogram
from hzdsl.ir.node import Node, topological
from hzdsl.ir.types import DType
from hzdsl.ir.units import Unit

#: Attributes that say how a thing is called or documented, not what it means.
_UNHASHED = ("attr", "doc", "low", "high", "schema", "lists")

#: Raised when the meaning of the core changes, so that no cached object code or result outlives it.
CORE_VERSION = 1


def _digest(*parts: str | bytes) -> bytes:
    h = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        h.update(len(data).to_bytes(8, "little"))
        h.update(data)
    return h.digest()


def _attr(value: Hashable) -> str:
    if isinstance(value, DType):
        return value.value
    if isinstance(value, Unit):
        return f"{[str(d) for d in value.dims]} 1e{value.pow10} {value.anything}"
    return repr(value)


def node_digests(roots: Iterable[Node]) -> dict[Node, bytes]:
    """Return the digest of every node reachable from `roots`."""
    known: dict[Node, bytes] = {}
    for node in topological(roots):
        attrs = [f"{name}={_attr(value)}" for name, value in node.attrs if name not in _UNHASHED]
        known[node] = _digest("node", node.op, *attrs, *(known[a] for a in node.args))
    return known


def analysis_hash(document: Document) -> str:
    """Return the hash of an analysis as 64 hexadecimal digits; it is found once per document."""
    return document.meaning


def found_hash(document: Document) -> str:
    """Find the hash."""
    known = node_digests([*document.roots(), *(p.node for p in document.parameters)])
    regions = sorted(_digest("region", r.name, *(known[c.node] for c in r.cuts), *_on(r.on)) for r in document.regions)
    histograms = sorted(_histogram(h, known) for h in document.histograms)
    outputs = sorted(_digest("output", o.name, _region(o.region), known[o.node]) for o in document.outputs)
    parameters = sorted(_digest("parameter", p.name, known[p.node]) for p in document.parameters)
    parts = [b"%d" % len(group) + b"".join(group) for group in (regions, histograms, outputs, parameters)]
    return _digest("analysis", f"core {CORE_VERSION}", *parts, *_applied(document, known)).hex()


def _on(kind: str) -> tuple[str, ...]:
    return (f"on {kind}",) if kind else ()


def _applied(document: Document, known: dict[Node, bytes]) -> list[bytes]:
    """Return the digests of weights (whose order rounds), exclusive regions and mask; nothing where there are none."""
    weights = [_digest("weight", w.name, known[w.node], *_on(w.on)) for w in document.weights]
    groups = sorted(_digest("exclusive", *sorted(group)) for group in document.exclusive)
    mask = [] if document.lumi_mask is None else [_digest("lumi mask", known[document.lumi_mask])]
    return [*weights, *groups, *mask]


def _region(name: str | None) -> str:
    return "every" if name is None else f"region {name}"


def _histogram(histogram: Histogram, known: dict[Node, bytes]) -> bytes:
    axes = [
        _digest(
            "axis",
            str(a.unit),
            known[a.node],
            known[a.bins] if a.bins else b"",
            *(known[e] for e in a.edges),
            *a.categories,
        )
        for a in histogram.axes
    ]
    return _digest("histogram", histogram.name, _region(histogram.region), *axes)
