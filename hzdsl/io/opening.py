"""Opening a file of events, whatever it is: its first bytes say."""

from __future__ import annotations

from hzdsl.io.options import RemoteOptions
from hzdsl.io.source import Source
from hzdsl.io.storage import Storage, file_format, open_storage


def open_source(
    path: str,
    tree: str | None = None,
    remote: RemoteOptions | None = None,
    trust: bool = False,
    folder: str = "",
) -> Source:
    """Open one tree of a ROOT file, or a Parquet file, of this machine or of a server (HTTP, XRootD).

    Parameters
    ----------
    path : str
        A path, or a URL: `https://`, `http://`, `root://`.
    tree : str, optional
        The TTree or RNTuple, with its directory (`dataset/TrainTree`). Without it: the only one of the file,
        or the one called `Events`. Parquet files hold one table and ignore it.
    remote : RemoteOptions, optional
        Certificates, time limits, retries and redirectors.
    trust : bool
        Leave out the checks of packed data of TTrees, but for a sample.
    folder : str
        Where a relative path starts; messages never name it. By default the current folder.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format`, `file-truncated`, `tree-missing`, `remote`.

    Examples
    --------
    >>> open_source("no/such/file.root")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no file no/such/file.root
      fix: the directory no/such does not exist either
    """
    storage = open_storage(path, remote, folder)
    try:
        if file_format(storage) == "parquet":
            from hzdsl.io.parquet import ParquetSource

            return ParquetSource(storage)
        return _source_of_root(storage, tree, trust)
    except BaseException:
        storage.close()
        raise


def _source_of_root(storage: Storage, name: str | None, trust: bool) -> Source:
    from hzdsl.io.catalogue import KnownTree, find_tree
    from hzdsl.io.ttree import TTreeSource

    found = find_tree(storage, name)
    if isinstance(found, KnownTree):
        return TTreeSource(storage, found, trust)
    from hzdsl.io.rntuple import RNTupleSource

    return RNTupleSource(storage, found)
