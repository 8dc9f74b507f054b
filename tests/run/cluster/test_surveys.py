"""Files looked at by workers: what is found, and what is wrong, is said as if this process had looked at them."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import uproot

from hzdsl.errors import HzdslError
from hzdsl.results import to_json
from hzdsl.run import run
from hzdsl.run.cluster.inquiry import Inquiry, inquiry, packed_trees, unpacked_trees
from hzdsl.run.cluster.surveys import ClusterSurvey
from hzdsl.run.inputs.facts import Facts
from hzdsl.run.inputs.survey import survey_here
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.inputs.trees import close_all
from hzdsl.run.options import Options
from hzdsl.run.plan.sight import Sight
from hzdsl.run.program.backend import backend_of
from hzdsl.run.program.parameters import resolve
from tests.event_files import fill, write
from tests.run.muons import document, identifiers, muon_file, muons
from tests.run.test_run import same_tables

HOW = {"backend": "interpret", "retries": 0}


@pytest.fixture
def many(events, more, tmp_path):
    """Files of several kinds: good ones, one that is cut, one that is not there."""
    paths = [str(shutil.copy(f, tmp_path / f"{i}.root")) for i, f in enumerate((events, more) * 6)]
    cut = tmp_path / "cut.root"
    cut.write_bytes(events.read_bytes()[:-50])
    return [*paths[:5], str(cut), *paths[5:9], str(tmp_path / "none.root"), *paths[9:]]


def trees(paths):
    return [InputTree("zz", path) for path in paths]


@pytest.mark.parametrize("tables", [False, True])
@pytest.mark.parametrize("identified", [None, False, True])
def test_workers_find_what_is_found_here(client, many, tables, identified):
    doc = document(samples=[{"name": "zz", "files": many}])
    question = Sight(doc, resolve(doc, {}), tables).question(identified)
    opened = trees(many)
    here = list(survey_here(opened, question))
    close_all(opened)
    there = list(ClusterSurvey(Options(backend_of("interpret"), client=client))(trees(many), question))
    assert list(map(str, here)) == list(map(str, there))
    assert [x for x in here if isinstance(x, Facts)] == [x for x in there if isinstance(x, Facts)]
    assert sum(isinstance(x, HzdslError) for x in here) == 2


def test_the_run_itself_opens_no_file(client, events, more, plain, monkeypatch):
    def refuse(*args):
        raise AssertionError("opened here")

    monkeypatch.setattr("hzdsl.run.inputs.tree.open_source", refuse)
    found = run(document(), [str(events), str(more)], tables=True, client=client)
    assert to_json(found) == to_json(plain)
    same_tables(found, plain)


def lacking(path):
    """Write a file whose muons have no charge."""
    return muon_file(path, n=20, charge=None)


def unidentified(path):
    return write(path, muons(20))


@pytest.mark.parametrize(
    ("made", "cut", "message"),
    [
        (lacking, [], "bad.root has no branch Muon_charge (Muon.charge), needed by"),
        (lacking, ["cut.root"], r"cut.root ends after"),  # branches are checked when all have been opened
        (lambda path: path.write_bytes(b"root"), ["cut.root"], r"bad.root ends after 4 bytes"),
    ],
)
@pytest.mark.parametrize("tables", [False, True])
def test_what_is_wrong_is_said_as_by_a_local_run(client, many, tmp_path, made, cut, message, tables):
    made(tmp_path / "bad.root")
    good = [path for path in many if path[-6].isdigit()]
    files = [*good[:4], *(str(tmp_path / name) for name in ("bad.root", *cut)), *good[4:]]
    said = []
    for options in ({}, {"client": client}):
        with pytest.raises(HzdslError) as caught:
            run(document(), files, tables=tables, **HOW, **options)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert message in said[0]


@pytest.mark.parametrize("first", [0, 1])
def test_a_file_that_does_not_say_which_event_it_is_lacks_branches(client, events, tmp_path, first):
    """Whichever comes first, the other one decides."""
    files = [str(events), str(unidentified(tmp_path / "bare.root"))]
    said = []
    for options in ({}, {"client": client}):
        with pytest.raises(HzdslError) as caught:
            run(document(), files[::-1] if first else files, tables=True, **HOW, **options)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "bare.root lacks 3 branches" in said[0]
    assert "needed by the event table" in said[0]


def test_inputs_that_are_allowed_to_be_missing(client, many):
    files = {"allow_missing": True, "tables": True, **HOW}
    here, there = (run(document(), many, **files, **more) for more in ({}, {"client": client}))
    assert to_json(here) == to_json(there)
    assert len(here.missing) == 2
    same_tables(here, there)


def test_generated_events_are_told_by_workers(client, tmp_path):
    def made(name, weights):
        path = muon_file(tmp_path / name, n=50)
        with uproot.update(path) as file:
            fill(file, "Runs", {"genEventSumw": weights}, 1)
        return str(path)

    files = [made("a.root", np.array([10.5, 0.25])), made("b.root", np.array([4.0]))]
    doc = document(luminosity=2.0, samples=[{"name": "zz", "files": files, "xsec": 3.0, "nevt": "Runs"}])
    found = run(doc, client=client)
    assert found.samples["zz"].weight == 2.0 * 3.0 / 14.75
    assert to_json(found) == to_json(run(doc))
    bare = str(write(tmp_path / "c.root", {**identifiers(5), **muons(5)}))
    doc = document(luminosity=2.0, samples=[{"name": "zz", "files": [*files, bare], "xsec": 3.0, "nevt": "Runs"}])
    for options in ({}, {"client": client}):
        with pytest.raises(HzdslError, match=r"c.root has no tree Runs, .* of sample 'zz'"):
            run(doc, **options)


def test_an_inquiry_travels_as_data(events):
    samples = {"name": "a", "files": [str(events)]}, {"name": "b", "files": [str(events)], "kind": "data"}
    doc = document(samples=samples)
    question = Sight(doc, resolve(doc, {}), True).question()
    made = inquiry(question, ["a", "b", "a"], Options(backend_of("interpret")))
    again = Inquiry.unpacked(made.packed())
    assert again == made
    assert len(again.programs) == len({id(question.program(s, i)) for s in "ab" for i in (False, True)})
    (tree,) = unpacked_trees(packed_trees([InputTree("a", "x.root", "T")]), again)
    assert (tree.sample, tree.path, tree.name, tree.folder, tree.kept) == ("a", "x.root", "T", made.folder, False)
