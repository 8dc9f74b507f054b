"""The forms of a result: JSON (golden), event tables, readable tables, `hist` objects."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Sample
from hzdsl.results import (
    AxisResult,
    CutRow,
    EventTable,
    HistogramResult,
    RegionResult,
    Result,
    SampleResult,
    Totals,
    cutflows,
    event_columns,
    render,
    text_of,
    to_hist,
    to_json,
    yields,
)
from hzdsl.results.serialise import plain
from hzdsl.results.text import TextTable, fitted

MASS = AxisResult("m", "GeV", "mass", np.array([0.0, 1.0, 2.0]), regular=True)
ETA = AxisResult("eta", "", "", np.array([-1.0, 0.0, 2.5]), regular=False)


def histogram(contents, *axes, region="sr", weight=1.0, nan=0, name="m"):
    counts = np.array(contents)
    return HistogramResult(name, region, axes, counts, counts * weight, counts * weight**2, nan)


def region(name, events, weight=1.0):
    rows = tuple(CutRow(f"cut {i}", n, n * weight, n * weight**2) for i, n in enumerate(events))
    return RegionResult(name, rows, CutRow("(all)", 100, 100 * weight, 100 * weight**2))


def sample(name, weight=1.0, tables=(), **options):
    regions = {"sr": region("sr", [8, 4], weight)}
    h = histogram([0, 3, 1, 2], MASS, weight=weight)
    return SampleResult(Sample(name, **options), 100, weight, regions, {h.key: h}, tables)


GOLDEN = (
    '{"analysis": "a", "hash": "f00", "events": 100, '
    '"regions": {"sr": {"selected": 4, "cutflow": ['
    '{"cut": "cut 0", "events": 8, "sumw": 4.0, "sumw2": 2.0}, '
    '{"cut": "cut 1", "events": 4, "sumw": 2.0, "sumw2": 1.0}], '
    '"all": {"events": 100, "sumw": 50.0, "sumw2": 25.0}}}, '
    '"histograms": {"sr/m": {"region": "sr", '
    '"axes": [{"name": "m", "unit": "GeV", "edges": [0.0, 1.0, 2.0], "label": "mass"}], '
    '"values": [1.5, 0.5], "variances": [0.75, 0.25], "underflow": 0.0, "overflow": 1.0, "nan": 0, "counts": [3, 1]}}, '
    '"samples": {"zz": {"events": 100, "regions": {"sr": {"selected": 4, "cutflow": ['
    '{"cut": "cut 0", "events": 8, "sumw": 4.0, "sumw2": 2.0}, '
    '{"cut": "cut 1", "events": 4, "sumw": 2.0, "sumw2": 1.0}], '
    '"all": {"events": 100, "sumw": 50.0, "sumw2": 25.0}}}, '
    '"histograms": {"sr/m": {"region": "sr", '
    '"axes": [{"name": "m", "unit": "GeV", "edges": [0.0, 1.0, 2.0], "label": "mass"}], '
    '"values": [1.5, 0.5], "variances": [0.75, 0.25], "underflow": 0.0, "overflow": 1.0, "nan": 0, "counts": [3, 1]}}, '
    '"weight": 0.5, "kind": "simulation", "role": "background", "process": "zz"}}, '
    '"complete": true, "luminosity": 11580.0, "parameters": {"x": "5 GeV"}, "overrides": [], "provenance": {"backend": "interpret"}}'
)


def test_json_golden():
    zz = sample("zz", 0.5)
    result = Result(
        "a", "f00", 100, zz.regions, zz.histograms, {"zz": zz}, {"x": "5 GeV"}, {"backend": "interpret"}, 11580.0
    )
    assert to_json(result) == GOLDEN
    assert json.loads(to_json(result, indent=1)) == json.loads(GOLDEN)


def test_unnamed_samples_are_not_listed():
    only = sample("")
    assert "samples" not in json.loads(to_json(Result("a", "", 100, only.regions, only.histograms, {"": only})))


def test_totals_of_simulation_and_data():
    zz, seen = sample("zz", 0.5), sample("seen", kind="data", role="data")
    totals = {"simulation": Totals(100, zz.regions, zz.histograms), "data": Totals(100, seen.regions, seen.histograms)}
    made = json.loads(to_json(Result("a", "", 200, {}, {}, {"zz": zz, "seen": seen}, totals=totals)))
    assert list(made)[5:7] == ["samples", "totals"]
    for kind, name in (("simulation", "zz"), ("data", "seen")):
        assert made["totals"][kind] == {k: made["samples"][name][k] for k in ("events", "regions", "histograms")}


def test_a_result_prints_as_its_yields():
    zz = sample("zz", 0.5)
    result = Result("a", "f00", 100, zz.regions, zz.histograms, {"zz": zz})
    assert repr(result) == str(result) == text_of([yields(result)]).rstrip("\n")
    assert "array(" not in repr(result)
    assert result._repr_html_().startswith("<div><b>a: yields</b><table>")


def test_a_histogram_prints_as_one_line():
    assert repr(histogram([0, 3, 1, 2], MASS)) == "<histogram sr/m: m (2 bins, 0 … 2 GeV), 6 entries>"
    two = histogram(np.ones((4, 4), int), MASS, ETA, region=None)
    assert repr(two) == "<histogram m: m (2 bins, 0 … 2 GeV) x eta (2 bins, -1 … 2.5), 16 entries>"
    template = replace(histogram([0, 3, 1, 2], MASS, weight=0.5), counts=np.zeros(4, int))
    assert repr(template) == "<histogram sr/m: m (2 bins, 0 … 2 GeV), sum 3>"


def test_histograms_by_name():
    every = [histogram([0, 1, 0, 0], MASS, region=r, name=n) for r, n in (("4mu", "m"), ("4e", "m"), ("4e", "pt"))]
    result = Result("a", "", 0, {}, {h.key: h for h in every}, {})
    assert result["4mu/m"] is every[0]
    assert result["pt"] is result["4e/pt"] is every[2]
    for key, code, fix in (
        ("m", "name-twice", "write 4mu/m or 4e/m"),
        ("4mu/n", "name-unknown", "did you mean 4mu/m"),
        ("ptt", "name-unknown", "did you mean pt"),
        ("something", "name-unknown", "histograms: 4mu/m, 4e/m, 4e/pt"),
    ):
        with pytest.raises(HzdslError, match=fix) as e:
            result[key]
        assert e.value.code == code


def test_json_of_more_axes():
    contents = np.arange(16).reshape(4, 4)
    h = histogram(contents, MASS, ETA, region=None, nan=3)
    made = json.loads(to_json(Result("a", "", 0, {}, {h.key: h}, {})))["histograms"]["m"]
    assert made["region"] is None
    assert made["values"] == [[5, 6], [9, 10]]
    assert made["underflow"] == [0 + 1 + 2 + 3, 0 + 4 + 8 + 12]
    assert made["overflow"] == [12 + 13 + 14 + 15, 3 + 7 + 11 + 15]
    assert made["nan"] == 3


def test_not_finite():
    assert plain([float("nan"), float("inf"), -float("inf"), 1e300]) == ["nan", "inf", "-inf", 1e300]
    with np.errstate(invalid="ignore"):
        h = histogram([0, 1, 1, 0], MASS, weight=float("inf"))
    text = to_json(Result("a", "", 0, {}, {h.key: h}, {}))
    assert json.loads(text)["histograms"]["sr/m"]["underflow"] == "nan"
    assert '"values": ["inf", "inf"]' in text


def table(name, n, identifiers=("event",), **outputs):
    columns = {i: np.arange(n, dtype=np.uint64) for i in identifiers} | outputs
    return EventTable(name, columns, {}, np.arange(n) + 5, identifiers)


def tabled(*tables, names=("a",), outputs=("x", "y")):
    samples = {n: sample(n, tables=tables) for n in names}
    return Result("a", "", 0, {}, {}, samples, outputs=outputs)


def test_event_tables():
    first = table("4mu", 2, x=np.array([1.5, 2.5], np.float32))
    second = EventTable(
        "2e", {"event": np.array([7], np.uint64), "y": np.array([3]), "x": np.array([0.1])}, {"x": np.array([False])},
        np.array([3]), ("event",),
    )  # fmt: skip
    columns, valid = event_columns(tabled(first, second))
    assert list(columns) == ["region", "event", "x", "y"]
    assert columns["region"].tolist() == ["4mu", "4mu", "2e"]
    assert columns["event"].dtype == np.uint64
    assert columns["x"].dtype == np.float64
    assert valid["x"].tolist() == [True, True, False]
    assert valid["y"].tolist() == [False, False, True]
    assert valid["region"] is None
    columns, _ = event_columns(tabled(first, names=("b", "a")))
    assert columns["sample"].tolist() == ["b", "b", "a", "a"]


def test_event_tables_without_identifiers_or_rows():
    columns, _ = event_columns(tabled(table("4mu", 2, (), x=np.ones(2))))
    assert list(columns) == ["region", "entry", "x"]
    assert columns["entry"].tolist() == [5, 6]
    columns, _ = event_columns(tabled(table("4mu", 0, x=np.ones(0))))
    assert [len(c) for c in columns.values()] == [0, 0, 0]
    with pytest.raises(ValueError, match="without tables"):
        event_columns(tabled())


def test_yields():
    named = {
        s.sample.name: s
        for s in (
            sample("h", 0.25),
            sample("zz", 0.5),
            sample("run", kind="data", role="data"),
            sample("run2", kind="data"),
        )
    }
    regions = {"sr": region("sr", [8, 4])}
    text = text_of([yields(Result("a", "", 400, regions, {}, named))])
    assert (
        text
        == """\
a: yields
 sample           entries   weight                sr
─────────────────────────────────────────────────────
 h                    100     0.25   1.00 ± 0.50 (4)
 zz                   100      0.5     2.0 ± 1.0 (4)
 run                  100        1                 4
 run2                 100        1                 4

 all simulation       200              3.0 ± 1.1 (8)
 all data             200        1                 8
 yield ± statistical error (events)
"""
    )


def test_cutflow_of_one_sample():
    only = sample("")
    (made,) = cutflows(Result("a", "", 100, only.regions, {}, {"": only}))
    assert made.header == ("cut", "events", "of all", "of previous")
    assert made.rows == (
        ("(all)", "100", "", ""),
        ("cut 0", "8", "8.00 %", "8.00 %"),
        ("cut 1", "4", "4.00 %", "50.00 %"),
    )


def test_cutflow_with_weights():
    """Events and yields stand apart, and efficiencies are those of the yields."""
    rows = (CutRow("a", 40, 10.0, 4.0), CutRow("b", 9, 11.0, 1.0))
    regions = {"sr": RegionResult("sr", rows, CutRow("(all)", 100, 50.0, 400.0))}
    only = replace(sample(""), regions=regions, weighted=True)
    assert (
        text_of(cutflows(Result("a", "", 100, regions, {}, {"": only})))
        == """\
sr: cutflow
 cut     events   yield   ± stat.    of all   of previous
──────────────────────────────────────────────────────────
 (all)      100      50   ± 20
 a           40    10.0   ± 2.0     20.00 %       20.00 %
 b            9    11.0   ± 1.0     22.00 %      110.00 %
 yield: sum of weights; of all, of previous: ratios of yields
"""
    )
    html = regions["sr"]._repr_html_()
    assert "<b>sr: cutflow</b>" in html
    assert ">± 20</td>" in html


def test_cutflows_of_several_samples():
    several = {s.sample.name: s for s in (sample("zz", 0.5), sample("seen", kind="data"))}
    events, yielded = cutflows(Result("a", "", 200, {"sr": region("sr", [16, 8])}, {}, several))
    assert events.title == "sr: cutflow, events"
    assert events.rows[-1] == ("cut 1", "4", "4")
    assert yielded.title == "sr: cutflow, yields"
    assert yielded.rows[-1] == ("cut 1", "2.0 ± 1.0", "4")
    several["zz"] = sample("zz")
    (only,) = cutflows(Result("a", "", 200, {"sr": region("sr", [16, 8])}, {}, several))
    assert only.title == "sr: cutflow"


def test_weights_of_the_events_are_named():
    weighted = replace(sample("zz", 0.5), weighted=True)
    made = yields(Result("a", "", 100, weighted.regions, {}, {"zz": weighted}))
    assert made.rows[0][2] == "0.5 w"
    assert "w: the weight that each event has" in made.note
    assert yields(Result("a", "", 100, {}, {}, {"": sample("")})).note == ""


def test_markup_is_not_read():
    """Labels hold square brackets, which rich would take for its own."""
    only = sample("")
    regions = {
        "sr": RegionResult("sr", (CutRow("Muon[pt > 5 GeV] [red]x[/red]", 1, 1.0, 1.0),), CutRow("(all)", 1, 1.0, 1.0))
    }
    result = Result("a", "", 100, regions, {}, {"": SampleResult(only.sample, 1, 1.0, regions, {})})
    stream = io.StringIO()
    render(cutflows(result), stream)
    assert "Muon[pt > 5 GeV] [red]x[/red]" in stream.getvalue()


def test_to_hist_is_a_method_too():
    h = histogram([0, 3, 1, 2], MASS, weight=0.5)
    assert h.to_hist() == to_hist(h)


def test_to_hist():
    h = to_hist(histogram(np.arange(16).reshape(4, 4), MASS, ETA, weight=0.5))
    assert h.values().tolist() == [[2.5, 3.0], [4.5, 5.0]]
    assert h.variances(flow=True)[3, 3] == 15 * 0.25
    assert h.axes[0].label == "mass [GeV]"
    assert h.axes[1].edges.tolist() == [-1, 0, 2.5]
    assert h.name == "sr/m"


def test_a_table_wider_than_the_terminal_goes_on_below():
    header = ("sample", *(f"region {i}" for i in range(20)))
    row = ("zz", *("105.3 ± 6.4" for _ in range(20)))
    parts = fitted(TextTable("a: yields", header, (row,), (row,)), 80)
    assert len(parts) == 4
    assert [c for p in parts for c in p.header[1:]] == list(header[1:])
    assert all(p.header[0] == "sample" and p.sums[0][0] == "zz" for p in parts)
    assert [p.title for p in parts][:2] == ["a: yields", "a: yields (continued)"]
    words = TextTable("t", header, (row,), numbers=False)
    assert fitted(words, 80) == [words]


def test_long_labels_are_folded_before_a_table_is_split():
    rows = (("at least two electrons and two muons", "50000", "4.94 %", "100.00 %"),)
    table = TextTable("t", ("cut", "events", "of all", "of previous"), rows)
    assert fitted(table, 60) == [table]
    assert len(fitted(table, 40)) == 2
