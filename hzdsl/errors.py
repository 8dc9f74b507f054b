"""Every way to be wrong: stable codes, the place with a caret, the fix.

An error of hzdsl is one class with a *code* declared in `KINDS` below; nothing else in the package invents an
error. The code decides the exit status of the command line and names the page of the documentation. The text
says what is wrong; `fix` says how to mend it; `place` shows the user's own line.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterable
from typing import Any

from hzdsl.records import dataclass


@dataclass(frozen=True)
class Kind:
    """What a code stands for, and the exit status of the command line when it ends a run."""

    summary: str
    exit_status: int


USAGE, DATA, SPEC, INTERNAL, LOST, FIT = 2, 3, 4, 5, 6, 7

KINDS: dict[str, Kind] = {
    # what was asked for
    "options": Kind("an option is wrong, or does not go with the others", USAGE),
    "memory": Kind("the run needs more memory than it may have", USAGE),
    # the input files
    "file-missing": Kind("the file does not exist or cannot be read", DATA),
    "file-format": Kind("the file is not of a format that can be read", DATA),
    "file-truncated": Kind("the file ends before its data do, or a basket is damaged", DATA),
    "file-changed": Kind("the file is not the one that it was when it was opened", DATA),
    "run-differs": Kind("what is continued or merged is of another run", DATA),
    "slices": Kind("slices of a run are missing, there twice, or of different cuts", DATA),
    "data-lost": Kind("some of the input could not be read, and the rest was", LOST),
    "tree-missing": Kind("the file holds no such tree", DATA),
    "tree-empty": Kind("the tree holds no entries", DATA),
    "branch-missing": Kind("the tree has no such branch", DATA),
    "branch-type": Kind("the branch is stored in another type than the schema says", DATA),
    "remote": Kind("a server refused, failed, changed a file or does not serve byte ranges", DATA),
    "histogram-missing": Kind("the file holds no such histogram, or it has another binning", DATA),
    "template": Kind("a template has contents that no expectation can have: negative, NaN, or nothing", DATA),
    "object-missing": Kind("the file holds no such workspace or data of RooFit", DATA),
    "class-unknown": Kind("an object of RooFit is of a class that cannot be read", DATA),
    "no-files": Kind("no input files, or a pattern that matches none", DATA),
    "file-twice": Kind("a sample names one file twice", DATA),
    "output": Kind("the output cannot be written", DATA),
    "output-exists": Kind("what would be written is there already", DATA),
    "output-locked": Kind("another process is writing to the same place", DATA),
    "cluster": Kind("the workers of a cluster cannot be reached, or end while they work", DATA),
    "library-missing": Kind("a Python package that this needs is not installed", DATA),
    "graph-format": Kind("the stored graph of an analysis is damaged, or of another version", DATA),
    # the analysis
    "spec-key": Kind("the document has an unknown or misplaced key", SPEC),
    "spec-value": Kind("a key of the document has a value of the wrong kind", SPEC),
    "spec-format": Kind("the document cannot be parsed", SPEC),
    "syntax": Kind("an expression cannot be parsed", SPEC),
    "name-unknown": Kind("a name is not defined", SPEC),
    "name-twice": Kind("a name is defined twice or is ambiguous", SPEC),
    "cycle": Kind("definitions refer to each other in a circle", SPEC),
    "unit": Kind("a unit is missing or does not fit", SPEC),
    "dtype": Kind("a value of another type is needed", SPEC),
    "axis": Kind("two values live on axes that do not see each other", SPEC),
    "identity": Kind("the same particle might be used twice", SPEC),
    "missing-value": Kind("a value may be missing where that has no meaning", SPEC),
    "arguments": Kind("a function is called with arguments it does not take", SPEC),
    "attribute": Kind("an object has no such attribute", SPEC),
    "python-logic": Kind("a Python construct that decides at once was used on an expression", SPEC),
    "parameter": Kind("a parameter is unknown, of the wrong unit or out of its bounds", SPEC),
    "binning": Kind("the bins of a histogram make no sense", SPEC),
    "model": Kind("the numbers of a statistical model do not fit together", SPEC),
    "derivative": Kind("a likelihood contains what has no derivative", SPEC),
    "exclusive": Kind("an event is in two regions that are declared exclusive", SPEC),
    "datacard": Kind("a line of a datacard is malformed, or contradicts another", SPEC),
    "meaning-differs": Kind("a construct means different things in two dialects", SPEC),
    # the fit
    "fit": Kind("a fit did not converge, or does not say what is asked for", FIT),
    # ours
    "unsupported": Kind("a documented part of the language that this version does not run yet", SPEC),
}


#: Lines of the user's that are longer are shown in part.
WIDEST = 300


@dataclass(frozen=True)
class Place:
    """Where in the user's own text something stands: one line, and the columns (from 0) to underline."""

    source: str
    line: int
    text: str = ""
    column: int = 0
    end_column: int = 0

    def render(self) -> str:
        """Return the place as `file:line` and, where the text is known, the line with carets under it."""
        head = f"  at {self.source}:{self.line}"
        if not self.text:
            return head
        stripped = self.text.rstrip("\n")
        indent = len(stripped) - len(stripped.lstrip())
        shown, column = stripped.strip(), max(0, self.column - indent)
        width = max(1, self.end_column - self.column)
        if len(shown) > WIDEST:  # of a very long line what stands around the place
            start = max(0, min(column - WIDEST // 3, len(shown) - WIDEST))
            cut = shown[start : start + WIDEST]
            shown = f"{'…' if start else ''}{cut}{'…' if start + WIDEST < len(shown) else ''}"
            column = column - start + (start > 0)
            width = max(1, min(width, len(shown) - column))
        return f"{head}\n    {shown}\n    {' ' * column}{'^' * width}"


class HzdslError(Exception):
    """An error of the user's input, said in the user's words.

    Parameters
    ----------
    code : str
        One of `KINDS`.
    message : str
        What is wrong, naming the thing.
    fix : str, optional
        How to mend it.
    place : Place, optional
        Where it stands.
    vague : bool
        Whether `fix` says no more than what there is: who knows better may say something else.

    Examples
    --------
    >>> print(HzdslError("unit", "pt > 5 compares GeV with a number", fix="write 5*GeV"))
    error[unit]: pt > 5 compares GeV with a number
      fix: write 5*GeV
    """

    def __init__(
        self, code: str, message: str, *, fix: str | None = None, place: Place | None = None, vague: bool = False
    ) -> None:
        self.kind = KINDS[code]
        self.code, self.message, self.fix, self.place = code, message, fix, place
        self.vague = vague or fix is None
        self.others: tuple[HzdslError, ...] = ()
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:  # as it comes from another process: not made again, but as it is
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return "\n".join(self._lines(None))

    def _lines(self, known: Place | None) -> list[str]:
        """Return the lines of this error and of those with it; a place that is `known` already is not said again."""
        lines = [f"error[{self.code}]: {self.message}"]
        if self.place is not None and self.place != known:
            lines.append(self.place.render())
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return [*lines, *(line for o in self.others for line in o._lines(self.place or known))]

    def at(self, place: Place | None) -> HzdslError:
        """Return this error with its place filled in, unless it has one already."""
        if self.place is None:
            self.place = place
        return self


class Together:
    """Independent checks of one call: each in a ``with``, their errors raised together at the end.

    Examples
    --------
    >>> checks = Together()
    >>> with checks:
    ...     raise HzdslError("binning", "no bins", fix="bins=10")
    >>> with checks:
    ...     raise HzdslError("name-unknown", "there is no region 'par'", fix="did you mean pair?")
    >>> checks.done()
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[binning]: no bins
      fix: bins=10
    error[name-unknown]: there is no region 'par'
      fix: did you mean pair?
    """

    def __init__(self) -> None:
        self._found: list[HzdslError] = []

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, HzdslError):
            return False
        if str(error) not in map(str, self._found):  # one file that is missing is asked for again and again
            self._found.append(error)
        return True

    def done(self) -> None:
        """Raise what was found: the first error, with the others in its message."""
        if self._found:
            first, *others = self._found
            first.others = (*first.others, *others)
            raise first


class UnknownName(HzdslError, AttributeError):  # noqa: N818 (named after its code)
    """An attribute that is not there: an `AttributeError` too, so that `hasattr`, copies and IPython work.

    Examples
    --------
    >>> raise UnknownName("attribute", "Muon has no attribute 'ptt'", fix="did you mean pt?")
    Traceback (most recent call last):
    hzdsl.errors.UnknownName: error[attribute]: Muon has no attribute 'ptt'
      fix: did you mean pt?
    """


class WrongFields(HzdslError, TypeError):  # noqa: N818 (named after what is wrong)
    """Values that do not fit the fields of a record: a `TypeError` too, as of any call in Python."""


def did_you_mean(name: str, known: Iterable[str], count: int = 3) -> str | None:
    """Return a "did you mean" sentence for the known names nearest to `name`, or None.

    Examples
    --------
    >>> did_you_mean("Muon_ptt", ["Muon_pt", "Muon_eta"])
    'did you mean Muon_pt?'
    """
    import difflib

    by_folded = {k.casefold(): k for k in known}
    folded = difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.72)
    if not folded:
        return None
    ratio = {c: difflib.SequenceMatcher(None, name.casefold(), c).ratio() for c in folded}
    close = [by_folded[c] for c in folded if ratio[c] > ratio[folded[0]] - 0.1]
    return f"did you mean {' or '.join(close)}?"


def first_line(error: BaseException, width: int = 120) -> str:
    """Return the first line of what a library says of an error, or the kind of error where it says nothing.

    Examples
    --------
    >>> first_line(OSError("not found:\\n in all of these places")), first_line(MemoryError())
    ('not found', 'MemoryError')
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0].rstrip(":;,.") if lines else type(error).__name__
    return text if len(text) <= width else text[: width - 1] + "…"
