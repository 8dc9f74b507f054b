"""Loading an analysis that is a Python program: the user's file is run, and its one `Analysis` taken."""

from __future__ import annotations

import contextlib
import runpy
import sys
from pathlib import Path
from typing import Any

from hzdsl.errors import HzdslError, Place
from hzdsl.lang.analysis import Analysis
from hzdsl.text.loaded import Loaded, Settings
from hzdsl.text.reading import read_text


def load_python(path: str | Path, *, config: str | Path | None = None, set: Settings | None = None) -> Loaded:
    """Run a Python file and return the analysis it makes.

    Parameters
    ----------
    path : path
        The file. It is the user's own program and runs as such.
    config, set
        As for `hzdsl.text.load`.

    Raises
    ------
    HzdslError
        ``file-missing``, ``syntax``, ``spec-format`` where it makes no analysis or several, or what it raises itself.
    """
    path = Path(path)
    text = read_text(path)
    try:
        compile(text, str(path), "exec", dont_inherit=True)
    except SyntaxError as e:
        place = Place(
            str(path), e.lineno or 1, e.text or "", (e.offset or 1) - 1, max((e.end_offset or 0) - 1, e.offset or 1)
        )
        raise HzdslError("syntax", f"{path.name} is not Python: {e.msg}", place=place) from None
    except ValueError as e:
        raise HzdslError("syntax", f"{path.name} is not Python: {e}") from None
    found = _run(path)
    analyses = {id(x): x for x in found.values() if isinstance(x, Analysis)}
    if len(analyses) != 1:
        names = ", ".join(f"'{a.name}'" for a in analyses.values()) or "none"
        fix = "make one hz.Analysis(name) at the top level of the file"
        raise HzdslError("spec-format", f"{path.name} makes {len(analyses)} analyses: {names}", fix=fix)
    (analysis,) = analyses.values()
    if analysis.folder == ".":
        analysis.folder = str(path.parent)
    return Loaded(analysis, None, config, set)


def _run(path: Path) -> dict[str, Any]:
    """Run the user's program. What it prints goes to standard error: standard output is for the result alone."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            return runpy.run_path(str(path), run_name="__hzdsl__")
        except SystemExit as e:
            raise HzdslError(
                "spec-format", f"{path.name} exits with {e.code!r} instead of making an analysis"
            ) from None
