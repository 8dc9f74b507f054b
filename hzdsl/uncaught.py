"""What ``python analysis.py`` prints where an error of the user's ends the program: their own lines, none of ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from hzdsl.errors import HzdslError, Place

_PACKAGE = str(Path(__file__).resolve().parent) + os.sep


def users_calls(trace: TracebackType | None, place: Place | None) -> list[str]:
    """Return the lines of a traceback before this package was called, without the last where the message shows it."""
    import traceback

    frames = traceback.extract_tb(trace)
    ours = next((i for i, f in enumerate(frames) if f.filename.startswith(_PACKAGE)), len(frames))
    theirs = frames[:ours]
    shown = place is not None and theirs and (theirs[-1].filename, theirs[-1].lineno) == (place.source, place.line)
    return traceback.format_list(theirs[:-1] if shown else theirs)


def told(error: HzdslError, trace: TracebackType | None) -> str:
    """Return what is printed of an error: the calls that led to the user's line, the message with that line.

    Examples
    --------
    >>> print(told(HzdslError("unit", "5 is a plain number", fix="5*GeV"), None))
    error[unit]: 5 is a plain number
      fix: 5*GeV
    """
    lines = users_calls(trace, error.place)
    return "".join([*(["Traceback (most recent call last):\n", *lines] if lines else []), str(error)])


def bind() -> None:
    """Print errors of this package so, where nobody else has taken the printing of errors over.

    Debuggers, notebooks and the user's own hook stay as they are; ``HZDSL_DEBUG=1`` shows all frames.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _hook


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, HzdslError) and not os.environ.get("HZDSL_DEBUG"):
        print(told(error, trace), file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
