"""The weight of a sample's events."""

from __future__ import annotations

import math

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Sample


def sample_weight(sample: Sample, luminosity: float | None, entries: int) -> float:
    """Return the weight per event: luminosity · cross-section · k-factor / number of events, or 1 for data.

    Parameters
    ----------
    sample : Sample
        Without cross-section (or without luminosity) its weight is its k-factor.
    luminosity : float or None
        In 1/pb.
    entries : int
        Entries read, which stand for the number of generated events where `nevt` is not given.

    Examples
    --------
    >>> zz = Sample("ZZTo4mu", xsec=0.077, nevt=1499064, scale=1.386)
    >>> f"{sample_weight(zz, 11580.0, 5):.6g}"
    '0.000824408'
    """
    if sample.kind == "data":
        return 1.0
    if sample.xsec is None or luminosity is None:
        return float(sample.scale)
    assert not isinstance(sample.nevt, str), "the Runs trees are read before events are weighted"
    generated = sample.nevt if sample.nevt is not None else entries
    return luminosity * sample.xsec * sample.scale / generated if generated else 0.0


def check_sample(sample: Sample) -> None:
    """Refuse normalisations that make no sense.

    Raises
    ------
    HzdslError
        `spec-value`.
    """
    where = f"sample '{sample.name}'"
    if sample.kind == "data" and sample.scale != 1:
        raise HzdslError(
            "spec-value",
            f"{where} is data and has scale = {sample.scale}",
            fix="data have weight 1: remove it",
        )
    if isinstance(sample.nevt, int | float) and not (sample.nevt > 0 and math.isfinite(sample.nevt)):
        raise HzdslError("spec-value", f"{where} has nevt = {sample.nevt}", fix="give the number of generated events")
    for name, value in (("xsec", sample.xsec), ("scale", sample.scale)):
        if value is not None and not math.isfinite(value):
            raise HzdslError("spec-value", f"{where} has {name} = {value}", fix="give a finite number")
