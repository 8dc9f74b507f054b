"""Small results of runs, as tests of what is harvested from them need."""

from __future__ import annotations

import numpy as np

from hzdsl.ir.analysis import Sample
from hzdsl.results.adding import added
from hzdsl.results.result import AxisResult, HistogramResult, Result, SampleResult

EDGES = np.array([0.0, 10.0, 30.0, 100.0])
AXIS = AxisResult("mt", "GeV", "mt(ll)", EDGES, False)
#: Contents with underflow and overflow, and variances.
Contents = list[float]


def histogram(values: Contents, variances: Contents | None = None, **varied: dict[str, Contents]) -> HistogramResult:
    """A histogram `sr/mt`; `varied` are its variations, of which the variances are those of the nominal one."""
    given = np.array(values)
    squares = np.array(values if variances is None else variances)
    variations = {
        name: {label: histogram(x, squares.tolist()) for label, x in of.items()} for name, of in varied.items()
    }
    return HistogramResult(
        "mt", "sr", (AXIS,), np.nan_to_num(given, posinf=0).astype(int), given, squares, variations=variations
    )


def result(*samples: tuple[Sample, HistogramResult | None]) -> Result:
    """A result of samples that have this histogram, or none."""
    found = {s.name: SampleResult(s, 10, 1.0, {}, {} if h is None else {h.key: h}) for s, h in samples}
    total = added([h for _, h in samples if h is not None])
    return Result("hww", "f00", 10, {}, {total.key: total}, found)


HIGGS = Sample("higgs", role="signal")
WW = Sample("ww")
UP_DOWN = {"up": [0.0, 2.2, 4.4, 6.6, 0.0], "down": [0.0, 1.8, 3.6, 5.4, 0.0]}


def usual() -> Result:
    """Signal with a variation, background in two samples of which one has it, no data."""
    return result(
        (Sample("ww_a", process="ww"), histogram([1, 10, 20, 30, 2], [1, 12, 25, 40, 2])),
        (
            Sample("ww_b", process="ww"),
            histogram([0, 1, 2, 3, 0], jes={"up": [0, 2, 2, 3, 0], "down": [0, 0, 2, 3, 0]}),
        ),
        (HIGGS, histogram([0, 2, 4, 6, 0], [0, 0.1, 0.2, 0.3, 0], jes=UP_DOWN)),
    )
