"""Which files a sample means: patterns, folders, URLs."""

from __future__ import annotations

import glob
import os

from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.io.remote.listing import is_remote_pattern, matching
from hzdsl.ir.analysis import Sample
from hzdsl.urls import is_url


def sample_files(sample: Sample, folder: str = ".", remote: RemoteOptions | None = None) -> list[str]:
    """Return the files of a sample, patterns expanded, in the order written (those of one pattern sorted).

    Raises
    ------
    HzdslError
        `no-files` for a sample without files, a pattern without match or a directory; `file-twice` for a
        file that stands in it twice.
    """
    what = f"sample '{sample.name}'" if sample.name else "the input"
    files = [path for pattern in sample.files for path in expand(pattern, folder, remote)]
    if not files and not sample.templates:
        raise HzdslError("no-files", f"{what} has no files", fix=_give(sample))
    seen: dict[object, str] = {}
    for path in files:
        real = _itself(path)
        if real in seen:
            same = f" (as {seen[real]})" if seen[real] != path else ""
            raise HzdslError(
                "file-twice",
                f"{what} names the file {path} twice{same}, its events would count double",
                fix="name it once",
            )
        seen[real] = path
    return files


def _give(sample: Sample) -> str:
    if not sample.name:
        return "give one at least: hzdsl run SPEC FILES, in Python ana.run(FILES)"
    return f"give them: --sample {sample.name}=FILES, in the analysis files = [FILES], in Python ana.run(FILES)"


def _itself(path: str) -> object:
    """Return what a file is known by, whatever it is called: links, symbolic and hard ones, lead to the same."""
    if is_url(path):
        return path
    try:
        found = os.stat(path)
    except OSError:
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def expand(pattern: str, folder: str = ".", remote: RemoteOptions | None = None) -> list[str]:
    """Return the files that a path, pattern (``*``, ``?``, ``[…]``, ``**``) or URL stands for.

    Parameters
    ----------
    pattern : str
        As written; ``~`` is the home folder.
    folder : str
        Where a relative path starts.
    remote : RemoteOptions, optional
        How to talk to a server: one of XRootD is asked what a pattern stands for.

    Raises
    ------
    HzdslError
        `no-files`: nothing matches, or it is a directory; `remote`. A plain path is returned as it is: opening it
        says more.
    """
    if is_remote_pattern(pattern):
        return matching(pattern, remote or RemoteOptions())
    if is_url(pattern):
        return [pattern]
    path = os.path.expanduser(pattern)
    if not os.path.isabs(path) and folder not in ("", "."):
        path = os.path.join(folder, path)
    if os.path.isdir(path):
        raise HzdslError(
            "no-files", f"{pattern} is a directory", fix=f"name its files: {os.path.join(pattern, '*.root')}"
        )
    if os.path.exists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(p for p in glob.glob(path, recursive=True) if not os.path.isdir(p))
    if not found:
        where = "" if folder in ("", ".") or os.path.isabs(pattern) else f" (in {folder})"
        raise HzdslError("no-files", f"no file matches {pattern}{where}", fix="check the pattern and the folder")
    return found
