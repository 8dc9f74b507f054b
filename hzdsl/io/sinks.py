"""Writing: tables of events as CSV or Parquet, and any file all at once or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hzdsl.errors import HzdslError

Columns = Mapping[str, NDArray[Any]]
Valid = Mapping[str, "NDArray[np.bool_] | None"]


class Together:
    """Files that come into their places together: all of them are made first, under hidden names beside.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, together() as files:
    ...     write_text(Path(folder, "a.txt"), "a", files.path)
    ...     before = Path(folder, "a.txt").exists()
    ...     files.publish()
    ...     before, Path(folder, "a.txt").exists()
    (False, True)
    """

    def __init__(self) -> None:
        self._made: list[tuple[Path, Path]] = []

    @contextmanager
    def path(self, path: str | os.PathLike[str]) -> Iterator[Path]:
        """Give a temporary path to write to, in the directory of `path` and of its suffix.

        A device such as `/dev/stdout` is written to directly.

        Raises
        ------
        HzdslError
            `output` if the directory or the disk cannot take the file.
        """
        target = Path(os.path.realpath(path))
        if _is_device(target):
            yield target
            return
        temporary = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
        self._made.append((temporary, target))
        try:
            if target.is_dir():
                raise IsADirectoryError(0, "it is a directory")
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            yield temporary
        except OSError as error:
            raise _not_written(path, error) from None

    def publish(self) -> None:
        """Put the files into their places, those last that were made last.

        Raises
        ------
        HzdslError
            `output`
        """
        for temporary, target in self._made:
            try:
                os.replace(temporary, target)
            except OSError as error:
                raise _not_written(target, error) from None
        self._made = []

    def discard(self) -> None:
        """Remove what has been made and not been published."""
        for temporary, _ in self._made:
            temporary.unlink(missing_ok=True)


@contextmanager
def together() -> Iterator[Together]:
    """Give what makes files, and publish them when the block has ended well.

    If it fails they are removed, and whatever was in their places before is still there, whole.
    """
    files = Together()
    try:
        yield files
        files.publish()
    finally:
        files.discard()


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write to, and put it in the place of `path` when the block has ended well.

    Raises
    ------
    HzdslError
        `output` if the directory or the disk cannot take the file.

    Examples
    --------
    >>> with atomic_path("no/dir/a.png") as temporary:
    ...     pass
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[output]: no/dir/a.png cannot be written (No such file or directory)
      fix: make the directory no/dir
    """
    with together() as files, files.path(path) as temporary:
        yield temporary


#: What gives a temporary path for a path, as `atomic_path` does.
Placing = Callable[[str | os.PathLike[str]], AbstractContextManager[Path]]


def write_text(path: str | os.PathLike[str], text: str, placing: Placing = atomic_path) -> None:
    """Write a text file in UTF-8, all of it or none of it.

    Raises
    ------
    HzdslError
        `output`
    """
    with placing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_table(path: str | os.PathLike[str], columns: Columns, valid: Valid, placing: Placing = atomic_path) -> None:
    """Write columns of equal length as a table, `.csv` or `.parquet` after the suffix of `path`.

    In CSV a float is the shortest text that reads back to the same float of its own precision; NaN is `nan`,
    infinities are `inf` and `-inf`, bools `true` and `false`, and a missing value is an empty cell. In
    Parquet a missing value is null.

    Parameters
    ----------
    path : str or path-like
        Where to write; a file that is there is replaced.
    columns : mapping of str to numpy.ndarray
        One-dimensional arrays of numbers, bools or strings.
    valid : mapping of str to numpy.ndarray or None
        False where the value of a column is missing; None, or no such key, where none is.
    placing : callable
        Gives the path to write to: `Together.path` for files that come into their places together.

    Raises
    ------
    HzdslError
        `output` for a place that cannot be written, `options` for another suffix, `library-missing`.
    """
    suffix = Path(path).suffix
    if suffix not in WRITERS:
        raise HzdslError(
            "options",
            f"{os.fspath(path)}: tables are not written as {suffix or 'files without suffix'}",
            fix=f"end the name in {' or '.join(WRITERS)}",
        )
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError(f"columns of different lengths: { {n: len(v) for n, v in columns.items()} }")
    masks = {name: valid.get(name) for name in columns}
    with placing(path) as temporary:
        WRITERS[suffix](temporary, columns, masks)


def _write_csv(path: Path, columns: Columns, valid: Valid) -> None:
    cells = [_cells(values, valid[name]) for name, values in columns.items()]
    lines = [",".join(map(_quoted, columns)), *map(",".join, zip(*cells, strict=True)), ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def _cells(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> list[str]:
    texts = _texts(values)
    if valid is None:
        return texts
    return [text if there else "" for text, there in zip(texts, valid.tolist(), strict=True)]


def _texts(values: NDArray[Any]) -> list[str]:
    """Return each value as CSV text.

    Examples
    --------
    >>> _texts(np.array([0.1, np.nan, -np.inf], np.float32)), _texts(np.array([True, False]))
    (['0.1', 'nan', '-inf'], ['true', 'false'])
    """
    kind = values.dtype.kind
    if kind == "b":
        return ["true" if value else "false" for value in values.tolist()]
    if kind == "f" and values.dtype.itemsize < 8:
        return list(map(str, values.astype(np.str_).tolist()))  # the shortest text of this very precision
    if kind in "iuf":
        return list(map(repr, values.tolist()))
    return [_quoted(str(value)) for value in values.tolist()]


def _quoted(text: str) -> str:
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def check_parquet() -> None:
    """Refuse to write Parquet where its library is not there.

    Raises
    ------
    HzdslError
        `library-missing`
    """
    if find_spec("pyarrow") is None:
        what = "writing Parquet needs pyarrow, which is not installed"
        raise HzdslError("library-missing", what, fix="pip install 'hzdsl[parquet]', or write .csv")


def _write_parquet(path: Path, columns: Columns, valid: Valid) -> None:
    check_parquet()
    import pyarrow
    import pyarrow.parquet

    masks = {name: None if mask is None else ~np.asarray(mask) for name, mask in valid.items()}
    arrays = {
        name: pyarrow.array(np.ascontiguousarray(values), mask=masks[name], from_pandas=False)
        for name, values in columns.items()
    }
    pyarrow.parquet.write_table(pyarrow.table(arrays), path)


WRITERS = {".csv": _write_csv, ".parquet": _write_parquet}


def _is_device(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _not_written(path: str | os.PathLike[str], error: OSError) -> HzdslError:
    directory = os.path.dirname(path) or "."
    fix = (
        f"write to another directory than {directory}"
        if os.path.isdir(directory)
        else f"make the directory {directory}"
    )
    return HzdslError("output", f"{os.fspath(path)} cannot be written ({error.strerror or error})", fix=fix)
