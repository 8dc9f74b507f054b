"""What variations do to yields, as a table: up and down, labels, replicas, many of them, shapes, no yield."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hzdsl.ir.analysis import Sample
from hzdsl.results import (
    AxisResult,
    CutRow,
    HistogramResult,
    RegionResult,
    Result,
    SampleResult,
    Totals,
    systematics,
    text_of,
)


def region(sumw, sumw2=0.0, name="sr", **variations):
    return RegionResult(name, (), CutRow("(all)", 10, sumw, sumw2), variations)


def histogram(contents, name="m", at="sr", **variations):
    values = np.array(contents, float)
    axis = AxisResult("m", "GeV", "mass", np.arange(len(contents) - 1.0), regular=True)
    return HistogramResult(name, at, (axis,), values.astype(int), values, values, variations=variations)


def table(*regions, histograms=(), most=10):
    result = Result("a", "", 10, {r.name: r for r in regions}, {h.key: h for h in histograms}, {})
    (made,) = systematics(result, most)
    return made


def test_up_and_down_labels_and_replicas():
    made = table(
        region(
            200.0,
            100.0,
            jes={"up": region(210.0), "down": region(198.0)},
            generator={"herwig": region(190.0), "sherpa": region(204.0)},
            pdf={str(k): region(200.0 + shift) for k, shift in enumerate((4.0, -4.0, 0.0, 4.0))},
        ),
        region(0.5, 0.25, name="other", jes={"up": region(0.4), "down": region(0.6)}),
    )
    assert made.title == "a: shifts of the yields, up / down in %"
    assert made.header == ("variation", "sr", "other")
    spread = 2 * math.sqrt(3) / 2
    assert made.rows == (
        ("jes", "+5.00 / -1.00", "-20.00 / +20.00"),
        ("generator herwig", "-5.00", ""),
        ("generator sherpa", "+2.00", ""),
        ("pdf (rms of 4)", f"± {spread:.2f}", ""),
    )
    up, down = math.hypot(5, 2, spread), math.hypot(1, 5, spread)
    assert made.sums[0] == ("all variations", f"+{up:.2f} / -{down:.2f}", "+20.00 / -20.00")
    assert made.sums[1] == ("statistical", "± 5.00", "± 100.00")
    assert "rms: of the shifts of the replicas" in made.note


def test_slashes_stand_below_each_other():
    made = table(
        region(100.0, jes={"up": region(112.0), "down": region(99.0)}, jer={"up": region(101.0), "down": region(85.0)})
    )
    assert {cell.index("/") for _, cell in (*made.rows, made.sums[0])} == {7}
    assert len({len(cell) for _, cell in made.rows}) == 1


def test_the_largest_of_many_and_where_the_others_are():
    many = {f"v{k:02}": {"up": region(100.0 + k), "down": region(100.0 - k / 2)} for k in range(40)}
    made = table(region(100.0, **many))
    assert [row[0] for row in made.rows] == [f"v{k:02}" for k in range(39, 29, -1)]
    assert "and 30 more, each at most 29 %: all are in yields.txt of -o DIR, and in variations of --json" in made.note
    whole = table(region(100.0, **many), most=None)
    assert len(whole.rows) == 40
    assert "more" not in whole.note
    assert whole.sums == made.sums  # the sum is over all, shown or not


def test_shapes_and_histograms_of_all_events():
    shifted = histogram([0, 1, 2, 0])
    made = table(
        region(3.0, 3.0, jes={"up": region(3.3), "down": region(2.7)}),
        histograms=[
            histogram([0, 2, 1, 0], scale={"up": shifted, "down": shifted}),
            histogram([0, 2, 2, 0], "n", None, jes={"up": histogram([0, 2, 3, 0]), "down": histogram([0, 2, 1, 0])}),
        ],
    )
    assert made.header == ("variation", "sr", "n")
    assert made.rows == (("jes", "+10.00 / -10.00", "+25.00 / -25.00"), ("scale", "shape only", ""))


def test_without_nominal_yield():
    made = table(region(0.0, jes={"up": region(1.0), "down": region(0.0)}))
    assert made.rows == (("jes", "+inf / +0.00"),)
    assert made.sums[1] == ("statistical", "")


def test_simulation_alone_and_every_sample():
    one = region(10.0, jes={"up": region(11.0), "down": region(9.0)})
    zz = SampleResult(Sample("zz"), 10, 1.0, {"sr": one}, {})
    seen = replace(zz, sample=Sample("seen", kind="data", role="data"), regions={"sr": region(90.0)})
    both = region(100.0, jes={"up": region(101.0), "down": region(99.0)})
    totals = {"simulation": Totals(10, zz.regions, {}), "data": Totals(10, seen.regions, {})}
    result = Result("a", "", 20, {"sr": both}, {}, {"zz": zz, "seen": seen}, totals=totals)
    (made,) = systematics(result)
    assert made.rows == (("jes", "+10.00 / -10.00"),)
    assert [t.title.split(":")[0] for t in systematics(result, None)] == ["a", "zz"]
    assert "shifts of the yields" in repr(result)
    assert "shifts of the yields" in result._repr_html_()


def test_nothing_varies():
    assert systematics(Result("a", "", 10, {"sr": region(1.0)}, {"sr/m": histogram([0, 1, 0])}, {})) == []
    assert "shifts" not in text_of(systematics(Result("a", "", 0, {}, {}, {})))
