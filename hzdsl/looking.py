"""Looking at expressions on a file: `peek`, `to_numpy`, `to_awkward`, `to_pandas`.

The surface (`lang`) knows no files and the machinery (`run`) no surface: here they meet, as for `Analysis.run`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hzdsl.errors import HzdslError
from hzdsl.ir.analysis import Document
from hzdsl.ir.node import topological
from hzdsl.ir.view import View
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Particle
from hzdsl.lang.parameters import parameter
from hzdsl.lang.places import located, user_place, written
from hzdsl.lang.shown import view_of
from hzdsl.lang.values import Value

if TYPE_CHECKING:
    from hzdsl.run.look.look import Seen
    from hzdsl.run.look.peek import Peek

EVENTS = 10
#: Arguments as those of `Analysis.run`.
OPTIONS = frozenset({"backend", "tree", "parameters", "remote"})


def as_text(files: Any) -> Any:
    """Return files with every path as text: one, several, or several for each sample."""
    if isinstance(files, os.PathLike):
        return os.fspath(files)
    if isinstance(files, dict):
        return {name: as_text(x) for name, x in files.items()}
    return [as_text(x) for x in files] if isinstance(files, Iterable) and not isinstance(files, str) else files


def _files(files: Any) -> tuple[str, ...]:
    texts = as_text(files)
    listed = [texts] if isinstance(texts, str) else texts
    if not isinstance(listed, list) or not all(isinstance(f, str) for f in listed):
        fix = "give a path, a pattern, a URL, or a list of these; of several expressions: hz.peek(a, b, file=…)"
        raise HzdslError("arguments", f"{files!r} is no file", fix=fix)
    return tuple(listed)


def _parameters(views: Iterable[View], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all parameters that the views use."""
    from hzdsl.run.program.parameters import resolve
    from hzdsl.text.overrides import fitted, parameter_named

    nodes = topological(n for v in views for n in v.nodes)
    document = Document("expression", parameters=tuple(parameter(n) for n in nodes if n.op == "param"))
    return resolve(document, {n: fitted(parameter_named(n, document), x) for n, x in given.items()})


def _seen(views: list[View], files: Any, entries: Any, options: Mapping[str, Any]) -> Seen:
    from hzdsl.run.look.look import Where, look

    if wrong := sorted(set(options) - OPTIONS):
        fix = f"it takes entries, {', '.join(sorted(OPTIONS))}"
        raise HzdslError("arguments", f"looking at a file takes no argument {' or '.join(map(repr, wrong))}", fix=fix)
    plain = {k: x for k, x in options.items() if k != "parameters"}
    where = Where(_files(files), entries, parameters=_parameters(views, options.get("parameters", {})), **plain)
    return look(views, where)


@located
def peek(*values: Any, file: Any = None, n: Any = EVENTS, entries: Any = None, **named: Any) -> Peek:
    """Return a table of several expressions for the first `n` events of a file.

    Parameters
    ----------
    values : Value, object or collection
        What is shown, a column per value and per main attribute of an object.
    file : path, pattern, URL or several
        Where the events are.
    n : int
        How many events.
    entries : (int, int), optional
        Which entries instead: the first, and the one after the last.
    named
        Expressions called by these names; `backend`, `tree`, `parameters` and `remote` as in `Analysis.run`. An
        expression may have the name of an option, too: ``n=hz.count(mu)`` is a column.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> hz.peek(ev.Muon, met=ev.MET.pt, file="no.root")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-missing]: there is no file no.root...
    """
    given = {"n": n, "entries": entries, **named}
    columns = {k: x for k, x in given.items() if k not in ("n", "entries", *OPTIONS) or _is_expression(x)}
    n, entries = (default if k in columns else given[k] for k, default in (("n", EVENTS), ("entries", None)))
    options = {k: x for k, x in named.items() if k not in columns}
    if not values and not columns:
        raise HzdslError("arguments", "peek: there is nothing to look at", fix="hz.peek(mu.pt, met.pt, file=…)")
    if file is None:
        raise HzdslError("arguments", "peek: there is no file", fix='name it: hz.peek(mu.pt, file="FILE.root")')
    words = _as_written(len(values))
    shown = [view_of(x, name=name) for x, name in zip(values, words, strict=True)]
    shown += [view_of(x, name=name) for name, x in columns.items()]
    return _peeked(shown, file, n, entries, options)


def _is_expression(x: Any) -> bool:
    return isinstance(x, Value | Particle | Vec4)


def _as_written(count: int) -> list[str | None]:
    """Return the user's own words for the arguments of the call at their place, None where they are not known."""
    try:
        call = ast.parse(text := written(user_place()).strip(), mode="eval").body
    except SyntaxError:  # the call goes over several lines
        return [None] * count
    if not isinstance(call, ast.Call) or len(call.args) != count:
        return [None] * count
    words = [ast.get_source_segment(text, a) for a in call.args]
    return [None if isinstance(a, ast.Starred) else w for a, w in zip(call.args, words, strict=True)]


def _peeked(views: list[View], file: Any, n: Any, entries: Any, options: Mapping[str, Any]) -> Peek:
    from hzdsl.run.look.peek import peek_table

    if type(n) is not int or n < 1:
        raise HzdslError("arguments", f"peek: n is {n!r}", fix="give a number of events of at least 1")
    return peek_table(views, _seen(views, file, (0, n) if entries is None else entries, options))


@located
def _peek(self: Any, file: Any, *attributes: str, n: int = EVENTS, entries: Any = None, **options: Any) -> Peek:
    """Return a table of the first `n` events of a file; of objects the main attributes, or those named.

    See `hzdsl.peek` for several expressions at once.
    """
    return _peeked([view_of(self, attributes)], file, n, entries, options)


def _reader(name: str, doc: str) -> Callable[..., Any]:
    def read(self: Any, file: Any, *attributes: str, entries: Any = None, **options: Any) -> Any:
        from hzdsl.run.look.arrays import FORMS

        view = view_of(self, attributes)
        return FORMS[name](view, _seen([view], file, entries, options))

    read.__name__ = read.__qualname__ = f"to_{name}"
    read.__doc__ = doc
    return located(read)


_OPTIONS = """

    Parameters
    ----------
    file : path, pattern, URL or several
        Where the events are.
    attributes : str
        Of objects and collections: which of them (``"pt"``, ``"leg1.eta"``). By default pt, eta, phi, mass and
        charge, as far as it has them, and ``index``: which elements of the event's lists it is.
    entries : (int, int), optional
        The first entry, and the one after the last; all by default.
    backend, tree, parameters, remote
        As in `Analysis.run`.
"""
METHODS: Mapping[str, Callable[..., Any]] = {
    "peek": _peek,
    "to_numpy": _reader(
        "numpy",
        "Return one flat array over all events (lists are joined: `to_awkward` keeps them), of objects a structured "
        "one. Where a value may be missing by its type it is a masked array." + _OPTIONS,
    ),
    "to_awkward": _reader(
        "awkward",
        "Return an awkward array with an entry per event: lists along collections, records of objects, ``None`` for "
        "what is missing." + _OPTIONS,
    ),
    "to_pandas": _reader(
        "pandas",
        "Return a Series (of objects a DataFrame) indexed by entry and position in the list. What is missing is "
        "``NaN`` for floating numbers, ``<NA>`` for integers and conditions." + _OPTIONS,
    ),
}


def bind() -> None:
    """Give values, objects, collections and four-vectors the methods that look at files."""
    for kind in (Value, Particle, Vec4):
        for name, method in METHODS.items():
            setattr(kind, name, method)
