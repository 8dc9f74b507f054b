"""Which trees a file holds."""

from __future__ import annotations

from hzdsl.io.options import RemoteOptions
from hzdsl.io.rootfile import USUAL_TREE, open_root, tree_names
from hzdsl.io.storage import file_format, open_storage


def list_trees(path: str, remote: RemoteOptions | None = None) -> list[str]:
    """Return the names of the TTrees and RNTuples of a file, with their directories; of Parquet one without name.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format`, `file-truncated`, `remote`.
    """
    storage = open_storage(path, remote)
    try:
        if file_format(storage) == "parquet":
            return [""]
        with open_root(storage, path) as directory:
            return tree_names(directory, path)
    finally:
        storage.close()


def usual_tree(trees: list[str]) -> str | None:
    """Return the tree that is read where none is named: the only one, or `Events`; None where that is not clear.

    Examples
    --------
    >>> usual_tree(["Events", "Runs"]), usual_tree(["mini"]), usual_tree(["nominal", "shifted"])
    ('Events', 'mini', None)
    """
    if len(trees) == 1:
        return trees[0]
    return USUAL_TREE if USUAL_TREE in trees else None
