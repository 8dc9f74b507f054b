"""Trees are looked at several at a time where servers are waited for, and what is found comes in their order."""

from __future__ import annotations

import threading

import pytest

from hzdsl.errors import HzdslError
from hzdsl.run.inputs import survey
from hzdsl.run.inputs.facts import Facts, Fingerprint
from hzdsl.run.inputs.survey import AT_A_TIME, Question, survey_here
from hzdsl.run.inputs.tree import InputTree
from hzdsl.run.inputs.trees import open_trees


def found(tree):
    return Facts(Fingerprint("Events", int(tree.name)), tree.path)


def trees(n, place="https://host"):
    return [InputTree("", f"{place}/{i}.root", str(i)) for i in range(n)]


def test_servers_are_waited_for_at_the_same_time(monkeypatch):
    """Each of so many waits until the last of them has begun."""
    together = threading.Barrier(AT_A_TIME)

    def look(tree, question):
        together.wait(10)
        return found(tree)

    monkeypatch.setattr(survey, "survey_tree", look)
    seen = list(survey_here(trees(3 * AT_A_TIME), Question()))
    assert [f.fingerprint.entries for f in seen] == list(range(3 * AT_A_TIME))


def test_files_of_this_machine_are_looked_at_by_this_thread(monkeypatch):
    threads = set()

    def look(tree, question):
        threads.add(threading.current_thread())
        return found(tree)

    monkeypatch.setattr(survey, "survey_tree", look)
    assert len(list(survey_here(trees(5, "/data"), Question()))) == 5
    assert threads == {threading.current_thread()}


def test_the_first_error_in_their_order_is_raised_whichever_came_first(monkeypatch):
    later = threading.Event()

    def look(tree, question):
        if tree.name == "5":
            later.set()
        elif tree.name == "2":
            later.wait(10)
        if tree.name in ("2", "5"):
            raise HzdslError("remote" if tree.name == "2" else "file-truncated", f"{tree.path} fails")
        return found(tree)

    monkeypatch.setattr(survey, "survey_tree", look)
    with pytest.raises(HzdslError, match=r"2\.root fails"):
        open_trees(trees(9))
    given = trees(9)
    open_trees(given, losable=("remote", "file-truncated"))
    assert [t.name for t in given if t.bad is not None] == ["2", "5"]
    assert [t.entries for t in given] == [0, 1, 0, 3, 4, 0, 6, 7, 8]
    with pytest.raises(HzdslError, match=r"5\.root fails"):
        open_trees(trees(9), losable=("remote",))


def test_no_threads_are_left_when_it_ends(monkeypatch):
    looked = []

    def look(tree, question):
        looked.append(tree)
        raise HzdslError("remote", "fails")

    monkeypatch.setattr(survey, "survey_tree", look)
    with pytest.raises(HzdslError, match="fails"):
        open_trees(trees(100))
    assert len(looked) <= 3 * AT_A_TIME
    assert not [t for t in threading.enumerate() if t.name.startswith("hzdsl")]
