"""ADL, the community's Analysis Description Language, as another way to write an analysis.

Lines and blocks (`lines`) hold expressions (`grammar`), which are translated (`translate`) to the trees of the text
form and given their meaning by its elaborator: an analysis has one hash, whatever it was written in.
"""

from __future__ import annotations

from pathlib import Path

from hzdsl.lang.analysis import Analysis
from hzdsl.text.adl.document import AdlReader
from hzdsl.text.elaborate import Elaborator

__all__ = ["AdlReader", "read_adl"]


def read_adl(text: str, name: str, folder: Path) -> tuple[Analysis, Elaborator]:
    r"""Return the analysis of an ADL text, and its definitions.

    Raises
    ------
    HzdslError
        For what is wrong in it or not supported, with its place.

    Examples
    --------
    >>> text = "object jets : JET\n  select pT > 30\n\nregion two\n  select size(jets) >= 2\n"
    >>> read_adl(text, "two.adl", Path("."))[0].document().regions[0].cuts[0].label
    'size(jets) >= 2'
    """
    reader = AdlReader(text, name, folder)
    return reader.read(), reader.elaborator
