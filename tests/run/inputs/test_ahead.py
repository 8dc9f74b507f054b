"""What is done ahead of its time, in which order, and that nothing of it is left behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from hzdsl.errors import HzdslError
from hzdsl.run.inputs.ahead import OPENED_AHEAD, opened_ahead, read_ahead


@dataclass
class Tree:
    name: str
    log: list
    is_far: bool = True
    fails: bool = False
    opened: threading.Event = field(default_factory=threading.Event)

    def open(self):
        self.log.append(f"open {self.name}")
        self.opened.set()
        if self.fails:
            raise HzdslError("remote", f"{self.name} fails")


@dataclass
class Item:
    name: str
    tree: Tree
    announced: threading.Event = field(default_factory=threading.Event)

    def announce(self):
        self.announced.set()
        if self.tree.fails:
            raise HzdslError("remote", f"{self.name} fails")


def soon(event):
    assert event.wait(5)


@pytest.mark.parametrize("fails", [False, True])
def test_the_next_item_is_announced_while_one_is_worked_on(fails):
    tree = Tree("a", [], fails=fails)
    items = [Item(str(k), tree) for k in range(4)]
    with read_ahead(items, [tree]) as given:
        for item, after in zip(given, [*items[1:], None], strict=True):
            if after is not None:
                soon(after.announced)
            later = items[items.index(item) + 2 :]
            assert not any(i.announced.is_set() for i in later)


def test_the_next_tree_is_opened_while_one_is_worked_on():
    log: list[str] = []
    trees = [Tree(name, log) for name in "abc"]
    items = [Item(f"{tree.name}{k}", tree) for tree in trees for k in range(3)]
    with read_ahead(items, trees) as given:
        next(given)
        soon(trees[1].opened)
        assert log == ["open b"]
        for item in given:
            if item.tree is trees[1]:
                soon(trees[2].opened)
    assert log == ["open b", "open c"]


def test_files_of_this_machine_are_left_alone():
    log: list[str] = []
    trees = [Tree(name, log, is_far=False) for name in "ab"]
    items = [Item(tree.name, tree) for tree in trees]
    with read_ahead(items, trees) as given, opened_ahead(trees) as opened:
        assert list(given) == items
        assert list(opened) == trees
    assert log == []
    assert not any(i.announced.is_set() for i in items)


def test_trees_are_opened_some_at_a_time():
    log: list[str] = []
    trees = [Tree(str(k), log) for k in range(3 * OPENED_AHEAD)]
    with opened_ahead(trees) as opened:
        next(opened)
        for tree in trees[:OPENED_AHEAD]:
            soon(tree.opened)
        assert len(log) <= OPENED_AHEAD
        assert list(opened) == trees[1:]
    assert len(log) == len(trees)


def test_who_opens_a_tree_again_sees_its_error():
    """The others are given all the same: what is lost may be allowed to be."""
    trees = [Tree(str(k), [], fails=k in (2, 3)) for k in range(5)]
    with opened_ahead(trees) as opened:
        assert [tree.name for tree in opened] == ["0", "1", "2", "3", "4"]
    with pytest.raises(HzdslError, match="2 fails"):
        trees[2].open()


def interrupt(manager):
    with manager as given:
        next(given)
        raise KeyboardInterrupt


def test_no_threads_are_left_when_the_work_stops():
    tree = Tree("a", [])
    for manager in (read_ahead([Item("0", tree), Item("1", tree)], [tree]), opened_ahead([tree] * 50)):
        with pytest.raises(KeyboardInterrupt):
            interrupt(manager)
    assert len(tree.log) <= 2 * OPENED_AHEAD
    assert not [t for t in threading.enumerate() if t.name.startswith(("hzdsl-ahead", "hzdsl-open"))]


def test_one_tree_alone_is_left_to_who_wants_it():
    log: list[str] = []
    tree = Tree("a", log)
    with opened_ahead([tree]) as opened:
        assert list(opened) == [tree]
    assert log == []
