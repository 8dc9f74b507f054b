"""Turn whatever a reading library throws at a damaged file into one sentence about that file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hzdsl.errors import HzdslError, first_line


@contextmanager
def damage(what: str) -> Iterator[None]:
    """Report any failure of a library inside this block as damage of `what`.

    uproot, awkward, pyarrow and the decompressors raise errors of every kind on bytes that make no sense; the
    sound cases (no such file, tree or branch) are excluded before a block like this is entered.

    Raises
    ------
    HzdslError
        `file-truncated`; errors of hzdsl itself pass unchanged.

    Examples
    --------
    >>> with damage("the branch Muon_pt of a.root"):
    ...     raise ValueError("bad zlib block")
    Traceback (most recent call last):
      ...
    hzdsl.errors.HzdslError: error[file-truncated]: the branch Muon_pt of a.root is damaged (bad zlib block)
      fix: copy or download the file again
    """
    try:
        yield
    except HzdslError:
        raise
    except Exception as error:
        reason = first_line(error)
        raise HzdslError(
            "file-truncated", f"{what} is damaged ({reason})", fix="copy or download the file again"
        ) from None
