"""What is done ahead of its time, in which order, and that nothing of it is left behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from hzdsl.errors import HzdslError
from hzdsl.run.inputs.ahead import read_ahead


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
    with read_ahead(items, trees) as given:
        assert list(given) == items
    assert log == []
    assert not any(i.announced.is_set() for i in items)


def interrupt(manager):
    with manager as given:
        next(given)
        raise KeyboardInterrupt


def test_no_threads_are_left_when_the_work_stops():
    tree = Tree("a", [])
    with pytest.raises(KeyboardInterrupt):
        interrupt(read_ahead([Item("0", tree), Item("1", tree)], [tree]))
    assert not [t for t in threading.enumerate() if t.name.startswith("hzdsl-ahead")]
