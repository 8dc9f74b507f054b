"""Reading the analysis that a command names: a TOML document, an ADL file or a Python file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from hzdsl.errors import HzdslError, Place, did_you_mean
from hzdsl.ir.analysis import Document, Number
from hzdsl.records import dataclass


@dataclass(frozen=True)
class Spec:
    """An analysis and the parameters set on the command line."""

    document: Document
    parameters: Mapping[str, Number]


@dataclass(frozen=True)
class Asked:
    """Which analysis the command line names, and what it changes of it; see `load_spec`."""

    spec: str
    config: str | None = None
    sets: tuple[str, ...] = ()
    dialect: str | None = None

    def load(self) -> Spec:
        """Return it."""
        return load_spec(self.spec, self.config, self.sets, self.dialect)


def load_spec(path: str, config: str | None = None, sets: Iterable[str] = (), dialect: str | None = None) -> Spec:
    """Return the analysis of a file: TOML, YAML, JSON, ADL, or a ``.py`` program, which is run.

    Parameters
    ----------
    path : str
        The file.
    config : str, optional
        A steering file.
    sets : iterable of str
        ``name=value``, bare values in GeV, cm, ns, pb.
    dialect : str, optional
        The dialect of a document that names none.

    Raises
    ------
    HzdslError
        For everything that is wrong with it, with its place.
    """
    from hzdsl.text import load

    _check_path(path)
    try:
        loaded = load(path, config=config, set=list(sets), dialect=dialect or "")
    except HzdslError:
        raise
    except Exception as error:
        place = _place(error, path)
        if place is None:
            raise
        message = f"{path} stops with {type(error).__name__}: {error}"
        raise HzdslError("spec-format", message, place=place) from error
    return Spec(loaded.document, loaded.overrides)


def _check_path(path: str) -> None:
    """Refuse what cannot be an analysis: no file, or one of events."""
    if not os.path.exists(path):
        folder = os.path.dirname(path)
        near = (
            [os.path.join(folder, n) for n in sorted(os.listdir(folder or "."))] if os.path.isdir(folder or ".") else []
        )
        fix = did_you_mean(path, near) or "hzdsl init DIR writes one to start from"
        raise HzdslError("file-missing", f"there is no analysis {path}", fix=fix)
    if path.endswith((".root", ".parquet")):
        fix = "the analysis comes first: hzdsl COMMAND SPEC FILES; hzdsl browse FILE shows what a file holds"
        raise HzdslError("spec-format", f"{path} is a file of events, not an analysis", fix=fix)


def _place(error: Exception, path: str) -> Place | None:
    """Return the last line of the user's program that led to an error, None where it is not theirs."""
    import traceback

    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if os.path.abspath(f.filename) == os.path.abspath(path)
    ]
    return Place(path, frames[-1].lineno or 1) if frames else None
