"""Histograms stored in ROOT files: read, and written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.io.guard import damage
from hzdsl.io.options import RemoteOptions
from hzdsl.io.rootfile import open_root
from hzdsl.io.sinks import atomic_path
from hzdsl.io.storage import file_format, open_storage
from hzdsl.records import dataclass


@dataclass(frozen=True)
class StoredHistogram:
    """A TH1 or TH2 as it lies in a file.

    Attributes
    ----------
    edges : tuple of numpy.ndarray
        Bin edges of each axis, float64.
    values, variances : numpy.ndarray
        Contents and Σw² of the bins (the contents, where no Σw² are stored), float64, with underflow and overflow at
        the ends of each axis.
    name, title : str
        As stored.
    label : str
        The title of the x axis.
    """

    edges: tuple[NDArray[np.float64], ...]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]
    name: str
    title: str
    label: str = ""


def read_histogram(path: str, name: str, remote: RemoteOptions | None = None) -> StoredHistogram:
    """Read one TH1 or TH2 of a ROOT file.

    Parameters
    ----------
    path : str
        A path, or an `http://` or `https://` URL.
    name : str
        The histogram with its directory (`signal/mass`).
    remote : RemoteOptions, optional
        Certificates, time limits and retries of a URL.

    Raises
    ------
    HzdslError
        `histogram-missing` with the nearest names; `file-missing`, `file-format`, `file-truncated`, `remote`.

    Examples
    --------
    >>> read_histogram("no/such/file.root", "mass")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no file no/such/file.root
      fix: check the path: the directory no/such does not exist either
    """
    with HistogramFile(path, remote) as file:
        return file.read(name)


class HistogramFile:
    """A ROOT file from which several histograms are read; it is closed at the end of a ``with``.

    Parameters
    ----------
    path : str
        A path, or an `http://` or `https://` URL.
    remote : RemoteOptions, optional
        Certificates, time limits and retries of a URL.

    Raises
    ------
    HzdslError
        `file-missing`, `file-format`, `file-truncated`, `remote`.
    """

    def __init__(self, path: str, remote: RemoteOptions | None = None) -> None:
        self.path = path
        self._storage = open_storage(path, remote)
        try:
            if file_format(self._storage) != "root":
                raise HzdslError("file-format", f"{path} is not a ROOT file", fix="give a .root file")
            self._directory = open_root(self._storage, path)
        except BaseException:
            self._storage.close()
            raise
        self._folders: dict[str, Any] = {"": self._directory}

    def __enter__(self) -> HistogramFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._directory.close()
        self._storage.close()

    def read(self, name: str) -> StoredHistogram:
        """Read one TH1 or TH2.

        Raises
        ------
        HzdslError
            `histogram-missing` with the nearest names, `file-truncated`.
        """
        folder, _, key = name.rpartition("/")
        with damage(f"the histogram {name} of {self.path}"):
            found = self._folder(folder)[key] if self.has(name) else None
        _check_kind(found, name, self._directory, self.path)
        with damage(f"the histogram {name} of {self.path}"):
            return _stored(found)

    def has(self, name: str) -> bool:
        """Return whether something of this name is in the file."""
        folder, _, key = name.rpartition("/")
        with damage(f"the list of keys of {self.path}"):
            return bool(key) and key in (self._folder(folder) or ())

    def _folder(self, name: str) -> Any:
        """Return a directory, None where there is none; uproot would read its keys for every histogram."""
        from uproot import ReadOnlyDirectory

        if name not in self._folders:
            found = self._directory.get(name, None)
            self._folders[name] = found if isinstance(found, ReadOnlyDirectory) else None
        return self._folders[name]


def _check_kind(found: Any, name: str, directory: Any, path: str) -> None:
    """Refuse what is no histogram, or is not there (None)."""
    from uproot.behaviors.TH1 import TH1
    from uproot.behaviors.TH2 import TH2

    if isinstance(found, (TH1, TH2)) and found.classname.startswith(("TH1", "TH2")):
        return
    known = _histogram_names(directory, path)
    if found is None:
        fix = did_you_mean(name, known) or _list_names(known)
        raise HzdslError("histogram-missing", f"{path} has no histogram {name}", fix=fix)
    kind = getattr(found, "classname", type(found).__name__)
    raise HzdslError("histogram-missing", f"{name} in {path} is a {kind}, not a TH1 or TH2", fix=_list_names(known))


def _histogram_names(directory: Any, path: str) -> list[str]:
    with damage(f"the list of keys of {path}"):
        classes = directory.classnames(recursive=True, cycle=False)
    return [name for name, kind in classes.items() if kind.startswith(("TH1", "TH2"))]


def _list_names(names: list[str], count: int = 10) -> str:
    if not names:
        return "give a file with a TH1 or TH2"
    return "name one of its histograms: " + ", ".join(names[:count]) + (", …" if len(names) > count else "")


def _stored(histogram: Any) -> StoredHistogram:
    flow = np.asarray(histogram.values(flow=True), dtype=np.float64)
    squares = np.asarray(histogram.variances(flow=True), dtype=np.float64)
    edges = tuple(np.array(axis.edges(), dtype=np.float64) for axis in histogram.axes)
    if flow.shape != tuple(len(e) + 1 for e in edges) or squares.shape != flow.shape:
        raise ValueError("its contents do not fit its axes")
    return StoredHistogram(
        edges=edges,
        values=flow.copy(),
        variances=squares.copy(),
        name=str(histogram.name),
        title=str(histogram.title),
        label=str(histogram.axes[0].all_members.get("fTitle", "")),
    )


def write_histograms(path: str | os.PathLike[str], histograms: Iterable[StoredHistogram]) -> None:
    """Write histograms of one dimension into a new ROOT file, as TH1D with Σw², the file whole or not at all.

    Parameters
    ----------
    path : str or path-like
        A file that is there is replaced.
    histograms : iterable of StoredHistogram
        In the order of the file; a name may have folders (``sr/ww_jesUp``).

    Raises
    ------
    HzdslError
        `output`; `name-twice` where two have one name.

    Examples
    --------
    >>> import tempfile
    >>> contents = np.array([0.0, 2.0, 0.5, 0.0])
    >>> made = StoredHistogram((np.array([0.0, 1.0, 4.0]),), contents, contents / 4, "sr/ww", "WW")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_histograms(f"{folder}/a.root", [made])
    ...     read_histogram(f"{folder}/a.root", "sr/ww").variances
    array([0.   , 0.5  , 0.125, 0.   ])
    """
    import uproot

    with atomic_path(path) as temporary, uproot.recreate(temporary) as file:
        written: set[str] = set()
        for h in histograms:
            if h.name in written:
                raise HzdslError("name-twice", f"{path}: two histograms are called {h.name}", fix="call one otherwise")
            written.add(h.name)
            file[h.name] = _th1d(h)


def _th1d(h: StoredHistogram) -> Any:
    """Return what uproot writes as a TH1D; as in ROOT, its moments are of what is between the edges."""
    from uproot.writing.identify import to_TAxis, to_TH1x

    (edges,) = h.edges
    values, squares = (np.asarray(x, dtype=np.float64) for x in (h.values, h.variances))
    centres, inner = (edges[1:] + edges[:-1]) / 2, values[1:-1]
    axis = to_TAxis("xaxis", "", len(edges) - 1, edges[0], edges[-1], edges)
    moments = (inner.sum(), squares[1:-1].sum(), (inner * centres).sum(), (inner * centres**2).sum())
    return to_TH1x(h.name, h.title, values, values.sum(), *moments, squares, axis)
