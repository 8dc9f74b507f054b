"""Opening ROOT files and finding the tree in them."""

from __future__ import annotations

from typing import Any, NamedTuple

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.guard import damage
from hzdsl.io.seekable import Readable, SeekableFile

TREE_CLASSES = frozenset({"TTree", "TNtuple", "TNtupleD", "TChain", "ROOT::RNTuple"})
USUAL_TREE = "Events"


class OpenTree(NamedTuple):
    """A tree, and the top directory of its file, as uproot has opened them."""

    directory: Any
    tree: Any
    name: str

    @property
    def is_ntuple(self) -> bool:
        """Whether it is an RNTuple."""
        from uproot.behaviors.RNTuple import RNTuple

        return isinstance(self.tree, RNTuple)


def open_root(content: Readable, path: str) -> Any:
    """Open a ROOT file with uproot and return its top directory.

    Raises
    ------
    HzdslError
        `file-truncated` if the directory cannot be made sense of.
    """
    import uproot

    # Never mapped into memory: a file that is cut while it is read would end the process.
    with damage(path):
        return uproot.open(SeekableFile(content), object_cache=None, array_cache=None, use_threads=False)


def open_tree(content: Readable, path: str, name: str | None) -> OpenTree:
    """Open a TTree or an RNTuple of a ROOT file; without a name, the only one or the one called `Events`.

    Raises
    ------
    HzdslError
        `tree-missing` with the trees there are, `file-truncated`.
    """
    directory = open_root(content, path)
    try:
        name = name if name is not None else _only_tree(directory, path)
        return OpenTree(directory, _find(directory, name, path), name)
    except BaseException:
        directory.close()
        raise


def _find(directory: Any, name: str, path: str) -> Any:
    import uproot

    with damage(f"the tree {name} of {path}"):
        try:
            found = directory[name]
        except uproot.KeyInFileError:
            found = None
    if isinstance(found, (uproot.TTree, uproot.behaviors.RNTuple.RNTuple)):
        return found
    trees = tree_names(directory, path)
    message = f"{path} has no tree {name}" if found is None else f"{name} in {path} is not a tree"
    raise HzdslError("tree-missing", message, fix=did_you_mean(name, trees) or _list_trees(trees))


def _only_tree(directory: Any, path: str) -> str:
    trees = tree_names(directory, path)
    if len(trees) == 1:
        return trees[0]
    if USUAL_TREE in trees:
        return USUAL_TREE
    if not trees:
        raise HzdslError("tree-missing", f"{path} holds no tree", fix=_list_trees(trees))
    raise HzdslError(
        "tree-missing",
        f"{path} holds {len(trees)} trees and none is called {USUAL_TREE}",
        fix=_list_trees(trees),
    )


def tree_names(directory: Any, path: str) -> list[str]:
    """Return the names of all TTrees and RNTuples of a file, with their directories."""
    with damage(f"the list of keys of {path}"):
        classes = directory.classnames(recursive=True, cycle=False)
    return [name for name, kind in classes.items() if kind in TREE_CLASSES]


def _list_trees(trees: list[str], count: int = 10) -> str:
    if not trees:
        return "give a file with a TTree or an RNTuple"
    more = f" and {len(trees) - count} more" if len(trees) > count else ""
    return f"name one of its trees (--tree {trees[0]}): {', '.join(trees[:count])}{more}"
