"""The user's own line, for errors: which line of their program, and which columns of it."""

from __future__ import annotations

import functools
import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import ParamSpec, TypeVar

from hzdsl.errors import HzdslError, Place

P = ParamSpec("P")
R = TypeVar("R")
_PACKAGE = str(Path(__file__).resolve().parents[1])


def located(function: Callable[P, R]) -> Callable[P, R]:
    """Make the errors of a public function carry the place of the call in the user's program."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except HzdslError as error:
            raise error.at(user_place()) from None

    return call


def user_place() -> Place | None:
    """Return the innermost place outside this package, or None where text (which has its own places) is being read."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        if frame.f_code.co_filename.startswith(_PACKAGE + "/text/"):
            return None
        frame = frame.f_back
    return None if frame is None else _place(frame)


def _place(frame: FrameType) -> Place:
    line, _, column, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    number = line or frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, number)
    name = frame.f_code.co_filename
    if column is None or end is None or end <= column:
        return Place(name, number, text, len(text) - len(text.lstrip()), len(text.rstrip()))
    return Place(name, number, text, column, end)
