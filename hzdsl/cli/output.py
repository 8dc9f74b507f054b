"""Writing what a run gave: checked before the run, written after it, every file at once or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hzdsl.cli.progress import progress_bar
from hzdsl.errors import HzdslError
from hzdsl.results.result import Result

if TYPE_CHECKING:
    from hzdsl.io.sinks import Placing

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


def write_events(result: Result, path: str | os.PathLike[str], placing: Placing) -> None:
    """Write the event tables as CSV or Parquet."""
    from hzdsl.io.sinks import write_table
    from hzdsl.results import event_columns

    columns, valid = event_columns(result)
    write_table(path, columns, valid, placing)


def write_texts(result: Result, folder: Path, placing: Placing) -> list[Path]:
    """Write yields.txt, cutflow.txt and, last, result.json, which says that all is there; return the files."""
    from hzdsl.io.sinks import write_text
    from hzdsl.results import cutflows, systematics, text_of, to_json, yields

    texts = {
        "yields.txt": text_of([yields(result), *systematics(result, most=None)]),
        "cutflow.txt": text_of(cutflows(result)),
        "result.json": to_json(result, indent=1) + "\n",
    }
    for name, text in texts.items():
        write_text(folder / name, text, placing)
    return [folder / name for name in texts]


def other_files(folder: str, written: Iterable[Path]) -> list[str]:
    """Return a remark on what stands in a folder and was not written now: perhaps by another analysis."""
    own = {p.name for p in written}
    others = sorted(p.name for p in Path(folder).iterdir() if p.name not in own and not p.name.startswith("."))
    if not others:
        return []
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return [f"{folder} also holds what this run did not write: {', '.join(others[:NAMED])}{more}"]


def write_plots(result: Result, path: str, placing: Placing, quiet: bool) -> list[Path]:
    """Draw every histogram into a folder and return the files; a bar moves on a terminal."""
    with progress_bar(quiet) as move:
        if move is not None:
            move(0, None, "drawing plots")  # before matplotlib is imported
        from hzdsl.plot.pages import write_pages

        def drawn(done: int, of: int) -> None:
            if move is not None:
                move(done, of, "drawing plots", f"{done}/{of}")

        return write_pages(result, make_folder(path), placing=placing, drawn=drawn)
