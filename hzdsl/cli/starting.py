"""What a first analysis of a file is about: a collection with momenta, or one number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.schema import Field, ObjectSchema, Schema
from hzdsl.io.source import Source
from hzdsl.ir.units import NONE, rescale

PREFERRED = ("Muon", "Electron", "lep", "Jet")
LOOKED_AT = 1000


def starting_point(source: Source, schema: Schema) -> dict[str, str]:
    """Return what the templates of `hzdsl init` need to know, from the schema and the first entries.

    Raises
    ------
    HzdslError
        `branch-type` for a file without floating numbers.
    """
    found = next(_with_momenta(source, schema), None)
    if found is not None:
        return _of_collection(source, *found)
    number = next(_numbers(source, schema), None)
    if number is None:
        fix = "hzdsl browse FILE shows what it holds"
        raise HzdslError("branch-type", f"{source.path} has no floating numbers to begin with", fix=fix)
    return _of_number(source, *number)


def _with_momenta(source: Source, schema: Schema) -> Iterator[tuple[str, Field]]:
    """Yield collections with a stored pt, the usual ones first, then the largest."""
    rank = {name: i for i, name in enumerate(PREFERRED)}
    names = [n for n, o in schema.objects.items() if _begins(source, o) and n.isidentifier()]
    for name in sorted(names, key=lambda n: rank.get(n, len(rank))):
        yield name, schema.objects[name].fields["pt"]


def _begins(source: Source, x: ObjectSchema) -> bool:
    pt = x.fields.get("pt")
    return not x.single and pt is not None and pt.branch in source.columns and source.columns[pt.branch].depth == 1


def _numbers(source: Source, schema: Schema) -> Iterator[tuple[str, Field]]:
    """Yield the floating numbers of the event, as expressions."""
    own = {n: f for n, f in schema.fields.items() if n.isidentifier()}
    singles = {f"{n}.{a}": f for n, o in schema.objects.items() if o.single for a, f in o.fields.items()}
    for name, field in {**singles, **own}.items():
        info = source.columns.get(field.branch)
        if info is not None and info.depth == 0 and field.dtype.floating:
            yield name, field


def _of_collection(source: Source, name: str, pt: Field) -> dict[str, str]:
    median, high = _typical(source, pt.branch)
    return {
        **_parameter("min_pt", f"least pt of {name}", median, pt),
        "defined": "good",
        "definitions_text": f"good = {name}[pt > min_pt]",
        "definitions_python": f"good = ev.{name}[ev.{name}.pt > min_pt]",
        "cut_label": "at least one",
        "cut_text": "count(good) >= 1",
        "cut_python": "hz.count(good) >= 1",
        "histogram": "pt",
        "value_text": "good.pt",
        "value_python": "good.pt",
        **_range(0.0, high, pt),
        "output": "leading_pt",
        "output_text": "good.leading().pt",
        "output_python": "good.leading().pt",
    }


def _of_number(source: Source, name: str, field: Field) -> dict[str, str]:
    median, high = _typical(source, field.branch)
    low = 0.0 if median >= 0 else -high
    return {
        **_parameter("least", f"least value of {name}", median, field),
        "defined": "x",
        "definitions_text": f"x = ev.{name}",
        "definitions_python": f"x = ev.{name}",
        "cut_label": "large enough",
        "cut_text": "x > least",
        "cut_python": "x > least",
        "histogram": "x",
        "value_text": "x",
        "value_python": "x",
        **_range(low, high, field),
        "output": "x",
        "output_text": "x",
        "output_python": "x",
    }


def _typical(source: Source, branch: str) -> tuple[float, float]:
    """Return the median of the first entries, and an upper edge for their histogram, both to two digits."""
    content = source.read([branch], 0, min(LOOKED_AT, source.entries))[branch].content.astype(np.float64)
    finite = content[np.isfinite(content)]
    if not len(finite):
        return 0.0, 1.0
    high = float(np.quantile(np.abs(finite), 0.99)) * 1.2
    return _rounded(float(np.median(finite))), _rounded(high) or 1.0


def _rounded(x: float) -> float:
    """Return a number to two digits.

    Examples
    --------
    >>> _rounded(12345.6), _rounded(0.0)
    (12000.0, 0.0)
    """
    return float(f"{x:.2g}")


def _written(x: float) -> str:
    return repr(x).removesuffix(".0")


def _parameter(name: str, doc: str, value: float, field: Field) -> dict[str, str]:
    """Return a parameter and its default in the unit of the field."""
    unit = "" if field.unit == NONE else str(field.unit)
    text = repr(value)
    python = text if not unit else f'hz.quantity({text}, "{unit}")'
    simple = unit.isidentifier()
    return {
        "parameter": name,
        "parameter_doc": doc,
        "default_text": f"{_written(value)} {unit}" if unit else text,
        "default_python": f"{_written(value)} * hz.{unit}" if simple else python,
        "other": f"{_written(_rounded(1.5 * value))}{unit}",
    }


def _range(low: float, high: float, field: Field) -> dict[str, str]:
    """Return the edges of the histogram, which are in GeV, cm, … whatever the file holds."""
    low, high = (_rounded(rescale(x, field.unit, field.unit.natural())) for x in (low, high))
    return {"low": _written(low), "high": _written(high)}
