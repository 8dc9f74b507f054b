"""Writing what a run gave: checked before the run, written after it, every file at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hzdsl.errors import HzdslError
from hzdsl.results.result import Result

#: So many files of a folder are named in a remark.
NAMED = 5


def check_table(path: str | None) -> None:
    """Refuse, before hours of work, a table that could not be written after them.

    Raises
    ------
    HzdslError
        `output`; `options` for another suffix; `library-missing`.
    """
    if path is None:
        return
    from hzdsl.io.sinks import WRITERS, check_parquet

    if Path(path).suffix not in WRITERS:
        raise HzdslError(
            "options", f"{path}: tables end in {' or '.join(WRITERS)}", fix=f"write {Path(path).stem or 'events'}.csv"
        )
    if Path(path).suffix == ".parquet":
        check_parquet()
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise HzdslError("output", f"{path} cannot be written: there is no folder {folder}", fix=f"mkdir -p {folder}")
    if os.path.isdir(path) or not os.access(folder, os.W_OK):
        what = "it is a folder" if os.path.isdir(path) else f"{folder} cannot be written to"
        raise HzdslError("output", f"{path} cannot be written: {what}", fix="choose another place")


def check_folder(path: str | None) -> None:
    """Refuse a folder that could not be made or written to.

    Raises
    ------
    HzdslError
        `output`
    """
    if path is None:
        return
    at = Path(path).absolute()
    while not at.exists() and at != at.parent:
        at = at.parent
    if not at.is_dir() or not os.access(at, os.W_OK):
        what = "is not a folder" if not at.is_dir() else "cannot be written to"
        raise HzdslError("output", f"{path} cannot be made: {at} {what}", fix="choose another folder")


def make_folder(path: str) -> Path:
    """Make a folder, with those above it."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HzdslError("output", f"{path} cannot be made: {error.strerror}") from None
    return Path(path)


def write_events(result: Result, path: str | os.PathLike[str]) -> None:
    """Write the event tables as CSV or Parquet."""
    from hzdsl.io.sinks import write_table
    from hzdsl.results import event_columns

    columns, valid = event_columns(result)
    write_table(path, columns, valid)


def write_folder(result: Result, path: str, tables: bool) -> list[Path]:
    """Write result.json, yields.txt, cutflow.txt and, with tables, events.csv; return the files."""
    from hzdsl.io.sinks import write_text_atomically
    from hzdsl.results import cutflows, systematics, text_of, to_json, yields

    folder = make_folder(path)
    texts = {
        "result.json": to_json(result, indent=1) + "\n",
        "yields.txt": text_of([yields(result), *systematics(result, most=None)]),
        "cutflow.txt": text_of(cutflows(result)),
    }
    for name, text in texts.items():
        write_text_atomically(folder / name, text)
    written = [folder / name for name in texts]
    if tables:
        write_events(result, folder / "events.csv")
        written.append(folder / "events.csv")
    return written


def other_files(folder: str, written: Iterable[Path]) -> list[str]:
    """Return a remark on what stands in a folder and was not written now: perhaps by another analysis."""
    own = {p.name for p in written}
    others = sorted(p.name for p in Path(folder).iterdir() if p.name not in own and not p.name.startswith("."))
    if not others:
        return []
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return [f"{folder} also holds what this run did not write: {', '.join(others[:NAMED])}{more}"]


def write_plots(result: Result, path: str, formats: tuple[str, ...] = ("png",)) -> list[Path]:
    """Draw every histogram into a folder and return the files."""
    from hzdsl.plot import plot_result

    return [Path(p) for p in plot_result(result, make_folder(path), formats=formats)]
