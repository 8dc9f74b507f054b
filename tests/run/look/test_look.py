"""`peek`, `to_numpy`, `to_awkward`, `to_pandas`: expressions read out, beside uproot and awkward on the same file."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import uproot

import hzdsl as hz
from hzdsl import GeV
from hzdsl.errors import HzdslError

ev = hz.events("nanoaod")
mu = ev.Muon
good = mu[mu.pt > 10 * GeV]
z = hz.pair(good).nearest(91.2)
BACKENDS = ["codegen", "interpret"]


@pytest.fixture(scope="module")
def stored(events):
    with uproot.open(events) as file:
        return file["Events"].arrays(["Muon_pt", "Muon_charge", "event"])


def code(call) -> str:
    with pytest.raises(HzdslError) as error:
        call()
    assert error.value.place is not None
    assert error.value.place.source == __file__
    return error.value.code


@pytest.mark.parametrize("backend", BACKENDS)
class TestAwkward:
    def test_values_of_a_collection(self, events, stored, backend):
        made = mu.pt.to_awkward(events, backend=backend)
        assert str(made.type) == "1000 * var * float32"
        assert ak.array_equal(made, stored.Muon_pt)
        made = good.charge.to_awkward(events, backend=backend)
        assert ak.array_equal(made, stored.Muon_charge[stored.Muon_pt > 10])

    def test_values_of_the_event(self, events, stored, backend):
        made = hz.count(good).to_awkward(events, backend=backend)
        assert made.tolist() == ak.sum(stored.Muon_pt > 10, axis=1).tolist()
        made = mu[1].pt.to_awkward(events, backend=backend)
        assert made.tolist() == ak.pad_none(stored.Muon_pt, 2)[:, 1].tolist()
        assert str(made.type) == "1000 * ?float32"

    def test_records(self, events, stored, backend):
        made = good.to_awkward(events, backend=backend)
        assert made.fields == ["pt", "eta", "phi", "mass", "charge", "index"]
        wanted = ak.local_index(stored.Muon_pt)[stored.Muon_pt > 10]
        assert made.index.tolist() == wanted.tolist()
        assert made.charge.tolist() == stored.Muon_charge[stored.Muon_pt > 10].tolist()

    def test_attributes_that_are_asked_for(self, events, backend):
        made = z.to_awkward(events, "leg1.pt", "leg2.pt", backend=backend)
        assert made.fields == ["leg1.pt", "leg2.pt", "index1", "index2"]
        pts = mu.pt.to_awkward(events)
        for pairs, pt in zip(made.tolist(), pts.tolist(), strict=True):
            if pairs is not None:
                assert pairs["leg1.pt"] == pt[pairs["index1"]]
                assert pairs["leg2.pt"] == pt[pairs["index2"]]
        assert [x is None for x in made.tolist()] == [sum(p > 10 for p in pt) < 2 for pt in pts.tolist()]

    def test_lists_of_lists(self, events, stored, backend):
        made = mu.per(good).pt.to_awkward(events, backend=backend)
        assert str(made.type) == "1000 * var * var * float32"
        for lists, pt in zip(made.tolist(), stored.Muon_pt.tolist(), strict=True):
            assert lists == [pt] * sum(p > 10 for p in pt)

    def test_a_four_vector(self, events, backend):
        px = mu.p4.to_awkward(events, backend=backend).px
        assert ak.array_equal(px, mu.px.to_awkward(events))

    def test_a_sum(self, events, backend):
        h = mu[0] + mu[1]
        made = h.to_awkward(events, backend=backend)
        assert [x is None for x in made.tolist()] == [n < 2 for n in hz.count(mu).to_numpy(events)]
        assert made.fields[-2:] == ["index1", "index2"]
        assert ak.drop_none(made.index2).tolist() == [1] * int(np.sum(hz.count(mu).to_numpy(events) > 1))


def test_numpy(events, stored):
    assert mu.pt.to_numpy(events).tolist() == ak.flatten(stored.Muon_pt).tolist()
    assert type(mu.pt.to_numpy(events)) is np.ndarray
    second = mu[1].charge.to_numpy(events)
    assert isinstance(second, np.ma.MaskedArray)
    assert second.mask.tolist() == (ak.num(stored.Muon_pt) < 2).tolist()
    both = mu.to_numpy(events, "pt", "charge")
    assert both.dtype.names == ("pt", "charge", "index")
    assert both["charge"].tolist() == ak.flatten(stored.Muon_charge).tolist()
    assert z.to_numpy(events)["mass"].mask.any()


def test_pandas(events, stored):
    pt = mu.pt.to_pandas(events)
    assert (pt.name, pt.index.names) == ("Muon.pt", ["entry", "subentry"])
    some = int(ak.argmax(ak.num(stored.Muon_pt)))
    assert pt.loc[(some,)].tolist() == stored.Muon_pt[some].tolist()
    second = mu[1].charge.to_pandas(events)
    assert second.dtype == "Int64"
    assert second.isna().tolist() == (ak.num(stored.Muon_pt) < 2).tolist()
    assert mu[1].pt.to_pandas(events).dtype == "float32"
    frame = good.to_pandas(events, entries=(10, 20))
    assert frame.columns.tolist() == ["pt", "eta", "phi", "mass", "charge", "index"]
    assert frame.index.get_level_values("entry").min() >= 10
    assert hz.count(mu).to_pandas(events, entries=(3, 5)).index.tolist() == [3, 4]
    assert mu.per(mu).pt.to_pandas(events).index.names == ["entry", "subentry", "subsubentry"]
    pd.testing.assert_series_equal(mu.pt.to_pandas(events), mu.pt.to_pandas(events, backend="interpret"))


class TestEntries:
    @pytest.mark.parametrize("entries", [(0, 7), (990, 2000), (995, 1010), (1000, 1300), (5, 5), (5000, 6000)])
    def test_count_through_the_files(self, events, more, entries):
        both = mu.pt.to_awkward([events, more]).tolist()
        assert len(both) == 1300
        assert mu.pt.to_awkward([events, more], entries=entries).tolist() == both[slice(*entries)]

    @pytest.mark.parametrize("entries", [(5, 3), (-1, 3), 7, (1.0, 2), "ab", (True, 2)])
    def test_refused(self, events, entries):
        assert code(lambda: mu.pt.to_numpy(events, entries=entries)) == "arguments"

    def test_chunks_do_not_show(self, events, monkeypatch):
        from hzdsl.run.look import look

        whole = z.to_awkward(events).tolist()
        monkeypatch.setattr(look, "target_size", lambda entries, threads: 7)
        assert z.to_awkward(events).tolist() == whole


def test_parameters(events):
    least = hz.param("least", 10 * GeV, bounds=(0, 100))
    n = hz.count(mu[mu.pt > least])
    assert n.to_numpy(events).tolist() == hz.count(good).to_numpy(events).tolist()
    hard = n.to_numpy(events, parameters={"least": 40})
    assert hard.tolist() == hz.count(mu[mu.pt > 40 * GeV]).to_numpy(events).tolist() != n.to_numpy(events).tolist()
    assert code(lambda: n.to_numpy(events, parameters={"least": 400})) == "parameter"
    assert code(lambda: n.to_numpy(events, parameters={"last": 4})) == "parameter"


class TestPeek:
    def test_of_a_collection(self, events, stored):
        lines = repr(mu.peek(events, n=4)).splitlines()
        assert lines[0] == "Muon"
        assert lines[1].split("  ")[0].strip() == "entry"
        assert "pt [GeV]" in lines[1]
        assert len(lines) == 3 + 4
        charges = stored.Muon_charge[:4].tolist()
        assert [line.split("  ")[-1].strip() for line in lines[3:]] == [str(c) for c in charges]

    def test_missing_and_particles(self, events):
        table = z.peek(events, n=30).table
        assert table.header == ("entry", "index", "pt [GeV]", "eta", "phi", "mass [GeV]", "charge")
        rows = {bool(row[1] == "–") for row in table.rows}
        assert rows == {True, False}
        for row in table.rows:
            if row[1] == "–":
                assert set(row[1:]) == {"–"}
            else:
                assert row[1].startswith("(")
                assert row[6] in ("-2", "0", "2")

    def test_several(self, events):
        made = hz.peek(good.pt, mu[0], n=2, n_good=hz.count(good), file=events)
        assert made.table.header[:3] == ("entry", "good.pt [GeV]", "mu[0].index")
        assert made.table.header[-1] == "n_good"
        assert len(made.table.rows) == 2
        made = hz.peek(good.pt, n=hz.count(good), tree=hz.sum(good.charge), file=events)  # named like options
        assert made.table.header[2:] == ("n", "tree")
        assert len(made.table.rows) == 10
        made = hz.peek(good.pt, n=2, entries=(1, 5), file=events)
        assert [row[0] for row in made.table.rows] == ["1", "2", "3", "4"]
        made = hz.peek(
            good.pt,
            file=events,
        )
        assert made.table.header == ("entry", "Muon[Muon.pt > 10 GeV].pt [GeV]")

    def test_html_is_escaped(self, events):
        html = (mu.pt > 5 * GeV).peek(events, n=2)._repr_html_()
        assert "Muon.pt &gt; 5 GeV" in html
        assert html.count("<tr>") == 3

    def test_backends_agree(self, events):
        assert repr(z.peek(events, backend="interpret")) == repr(z.peek(events))


def test_a_schema_without_kinematics(tmp_path, events):
    (tmp_path / "own.toml").write_text(
        '[schema.collections.Muon]\nfields = { charge = "i32" }\n[schema.collections.X]\nfields = { a = "f32" }\n'
    )
    own = hz.events(str(tmp_path / "own.toml"))
    assert own.Muon.to_awkward(events).fields == ["charge", "index"]
    assert code(lambda: own.X.peek(events)) == "branch-missing"


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda f: mu.pt.to_awkward(f, "pt"), "arguments"),
        (lambda f: mu.to_awkward(f, "ptt"), "attribute"),
        (lambda f: z.to_awkward(f, "leg1"), "dtype"),
        (lambda f: mu.pt.peek(f, n=0), "arguments"),
        (lambda f: mu.pt.peek(f, chunk=3), "arguments"),
        (lambda f: mu.pt.peek(3), "arguments"),
        (lambda f: mu.pt.peek([]), "no-files"),
        (lambda f: hz.peek(3, file=f), "dtype"),
        (lambda f: hz.peek(file=f), "arguments"),
        (lambda f: hz.peek(mu.pt), "arguments"),
        (lambda f: hz.peek(mu.pt, n="3", file=f), "arguments"),
        (lambda f: mu.pt.peek(f, n=hz.count(mu)), "arguments"),
        (lambda f: mu.pt.peek(str(f) + "x"), "file-missing"),
        (lambda f: ev.Jet.pt.peek(f), "branch-missing"),
        (lambda f: mu.pt.peek(f, tree="Event"), "tree-missing"),
        (lambda f: mu.pt.peek(f, backend="interpet"), "name-unknown"),
    ],
)
def test_bad_input(events, call, wanted):
    assert code(lambda: call(events)) == wanted


def test_pandas_is_not_there(events, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    assert code(lambda: mu.pt.to_pandas(events)) == "library-missing"


@pytest.fixture(scope="module")
def leptons(tmp_path_factory):
    """Events with muons and electrons."""
    from tests.event_files import write
    from tests.run.muons import muons

    folder = tmp_path_factory.mktemp("leptons")
    return write(folder / "l.root", {"Muon": muons(60)["Muon"], "Electron": muons(60, seed=7)["Muon"]})


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_a_union(leptons, backend):
    both = mu | ev.Electron
    made = both.to_awkward(leptons, "pt", backend=backend)
    muons, electrons = (c.pt.to_awkward(leptons).tolist() for c in (mu, ev.Electron))
    assert made.pt.tolist() == [a + b for a, b in zip(muons, electrons, strict=True)]
    assert made["index"].tolist() == [[*range(len(a)), *range(len(b))] for a, b in zip(muons, electrons, strict=True)]
    cells = [row[1] for row in both.peek(leptons, n=60, backend=backend).table.rows]
    assert "[Muon 0, Electron 0]" in cells


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_a_category(leptons, backend):
    n = hz.count(mu)
    size = hz.category({"one": n == 1, "two": n == 2})
    wanted = [{1: "one", 2: "two"}.get(k) for k in n.to_numpy(leptons).tolist()]
    assert size.to_awkward(leptons, backend=backend).tolist() == wanted
    assert size.to_numpy(leptons, backend=backend).tolist() == wanted
    series = size.to_pandas(leptons, backend=backend)
    assert [None if pd.isna(x) else x for x in series] == wanted
    assert [*series.cat.categories] == ["one", "two"]
    assert [row[1] for row in size.peek(leptons, n=60).table.rows] == [x or "–" for x in wanted]
