"""The user's own line, for errors: which line of their program, and which columns of it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import linecache
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import numpy as np

from hzdsl.errors import HzdslError, Place

P = ParamSpec("P")
R = TypeVar("R")
_PACKAGE = str(Path(__file__).resolve().parents[1])
_NUMPY = Path(np.__file__).resolve().parent
_PLACELESS = (_PACKAGE + "/text/", _PACKAGE + "/cli/")
_INSIDE = (_PACKAGE, str(_NUMPY), str(_NUMPY.parent / "awkward"), contextlib.__file__, dataclasses.__file__)

#: What is meant by arguments that a function does not take.
_HINTS = {
    "sort": "sort is ascending; the other way round: mu.sort(-mu.pt)",
    "combinations": "combinations(C, n); with names for the legs: pair(tag=A, probe=B)",
    "leading": "leading() is one object; the first two by pt: mu.sort(-mu.pt)[:2]",
}


def as_path(x: Any, what: str) -> str:
    """Return a path as text; `what` says which, where it is none."""
    found = os.fspath(x) if isinstance(x, str | os.PathLike) else None
    if not isinstance(found, str):
        raise HzdslError("arguments", f"{what} is {x!r}, not a path", fix="give a text or a pathlib.Path")
    return found


def located(function: Callable[P, R]) -> Callable[P, R]:
    """Make the errors of a public function carry the place of the call in the user's program.

    Arguments that its signature does not take are an error of the user's, too; any other `TypeError` is not.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except HzdslError as error:
            raise error.at(user_place()) from None
        except RecursionError:
            what, fix = "this is nested too deeply, or a function calls itself", "hundreds of levels are too many"
            raise HzdslError("unsupported", what, fix=fix, place=user_place()) from None
        except TypeError:
            wrong = _wrong_arguments(function, args, kwargs)
            if wrong is None:
                raise
            raise wrong.at(user_place()) from None

    return call


def _wrong_arguments(function: Callable[..., Any], args: Any, kwargs: Any) -> HzdslError | None:
    """Return the error of arguments that do not fit the signature, or None where they do."""
    signature = inspect.signature(function)
    name = function.__qualname__.split(".")[-2] if function.__name__ == "__init__" else function.__name__.lstrip("_")
    try:
        signature.bind(*args, **kwargs)
    except TypeError as e:
        said = _all_wrong(signature, args, kwargs) or str(e)
        shape = ", ".join(str(p).split(":")[0] for p in signature.parameters.values() if p.name != "self")
        return HzdslError("arguments", f"{name}: {said}", fix=_HINTS.get(name, f"{name}({shape})"))
    return None


def _all_wrong(signature: inspect.Signature, args: Any, kwargs: Any) -> str:
    """Return every name that is unknown or missing, where Python names the first only; nothing for one alone."""
    parameters = signature.parameters.values()
    taken = {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
    unknown = [] if any(p.kind is p.VAR_KEYWORD for p in parameters) else [repr(k) for k in kwargs if k not in taken]
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [*positional[len(args) :], *(p for p in parameters if p.kind is p.KEYWORD_ONLY)]
    missing = [repr(p.name) for p in needed if p.default is p.empty and p.name not in kwargs]
    if len(unknown) + len(missing) < 2:
        return ""
    parts = (("it takes no argument", unknown), ("lacks" if unknown else "it lacks", missing))
    return " and ".join(f"{what} {', '.join(names)}" for what, names in parts if names)


def user_place() -> Place | None:
    """Return the innermost place outside this package, NumPy and awkward.

    None where text is being read, which has its own places, and where a command runs: no program of the user's called.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_INSIDE):
        if frame.f_code.co_filename.startswith(_PLACELESS):
            return None
        frame = frame.f_back
    return None if frame is None else _place(frame)


def written(place: Place | None) -> str:
    """Return what stands at a place, as the user wrote it; nothing where that is not known."""
    return "" if place is None else place.text.encode()[place.column : place.end_column].decode(errors="replace")


def spelled_call(name: str) -> str:
    """Return how a function is called on the surface in use: ``hz.sum`` in Python, ``sum`` in text."""
    return name if user_place() is None else f"hz.{name}"


def spelled_input(name: str) -> str:
    """Return how an object of the input is called on the surface in use: ``ev.Muon`` in Python, ``Muon`` in text."""
    return name if user_place() is None else f"ev.{name}"


def _place(frame: FrameType) -> Place:
    line, _, column, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    number = line or frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, number)
    name = frame.f_code.co_filename
    if column is None or end is None or end <= column:
        return Place(name, number, text, len(text) - len(text.lstrip()), len(text.rstrip()))
    return Place(name, number, text, column, end)
