"""`run`: an analysis over files, to a result.

Parameters and bins are resolved; every file is opened and checked; the program is compiled, once per distinct set of
regions; chunks are read and executed, on threads or by the workers of a cluster, and added up; each sample gets its
weight; samples are summed. Whatever the threads and chunks, the result has the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike, fspath
from typing import Any

from hzdsl.backends.base import Backend, Number
from hzdsl.errors import HzdslError
from hzdsl.io.options import RemoteOptions
from hzdsl.ir.analysis import Document, Sample
from hzdsl.results.result import Result
from hzdsl.run.carry import carry_out
from hzdsl.run.options import Keeping, Options, Retry, Slice
from hzdsl.run.program.backend import backend_of
from hzdsl.run.stop import Stop
from hzdsl.run.watch import Watch
from hzdsl.sizes import size_from

#: What files can be given as: one path, pattern or URL, or several.
Files = str | PathLike[str] | Iterable[str | PathLike[str]]


def run(
    document: Document,
    files: Files | None = None,
    *,
    backend: str | Backend = "codegen",
    parameters: Mapping[str, Number] | None = None,
    threads: int = 1,
    tables: bool = False,
    max_events: int | None = None,
    chunk_size: int | None = None,
    tree: str | None = None,
    data: bool = False,
    remote: RemoteOptions | None = None,
    trust_files: bool = False,
    retries: int = Retry.times,
    retry_delay: float = Retry.delay,
    allow_missing: bool = False,
    watch: Watch | None = None,
    stop: Stop | None = None,
    keeping: Keeping | None = None,
    slice: Slice | None = None,
    command: Mapping[str, object] | None = None,
    client: Any = None,
    max_memory: int | str | None = None,
) -> Result:
    """Run an analysis and return its result.

    Parameters
    ----------
    document : Document
        The analysis. Its samples' files are found relative to its folder.
    files : path or iterable of paths, optional
        Files instead of the document's samples: one unnamed sample of weight 1.
    backend : str or Backend
        ``"codegen"``, ``"interpret"`` or a backend.
    parameters : mapping of str to number, optional
        Values instead of the defaults, in each parameter's own unit.
    threads : int
        How many chunks are worked on at a time. Results do not depend on it.
    tables : bool
        Whether the outputs of selected events are kept.
    max_events : int, optional
        Read only so many entries of each sample (weights stay as they are).
    chunk_size : int, optional
        Entries per chunk; by default some 200 000, ending where baskets end.
    tree : str, optional
        The tree of `files`, where it is not the only one or ``Events``.
    data : bool
        Whether `files` are data.
    remote : RemoteOptions, optional
        Certificates, time limits, retries and redirectors of URLs.
    trust_files : bool
        Leave out the checks of packed data (Adler-32 and the like), but for one basket in sixteen: faster, and
        damage of the others goes unnoticed.
    retries : int
        How often a chunk whose input fails is tried again, its file opened anew.
    retry_delay : float
        Seconds before the first repetition; twice as many before each further one.
    allow_missing : bool
        Whether the result may lack inputs that cannot be read: its `missing` says which.
    watch : Watch, optional
        Who is told what happens; see `hzdsl.run.watch`.
    stop : Stop, optional
        By which another thread, or a handler of signals, stops the run: the result is of what has been read.
    keeping : Keeping, optional
        The file in which the run keeps what it has done, and whether it goes on from there.
    slice : Slice, optional
        Do only one of several slices, and write what `hzdsl.run.merge` needs.
    command : mapping, optional
        What the file of a slice says of how the analysis was found, as JSON.
    client : distributed.Client, optional
        Whose workers do the work instead of threads of this process.
    max_memory : int or str, optional
        Bytes that the process may take (``"2GB"``, ``"500 MB"``, ``"1.5GiB"``): chunks are made small enough, and
        threads few enough, to stay below. Rows of selected events are not counted.

    Raises
    ------
    HzdslError
        `memory` where `max_memory` is too little, `options` for arguments that do not go together; for anything wrong
        with the files or the analysis; nothing is executed before all files have been checked. `data-lost` (a
        `DataLost`, whose `partial` is the result without them) at the end for inputs that could not be read, unless
        `allow_missing`.
    """
    if files is not None:
        document = of_files(document, _paths(files), tree, data)
    options = Options(
        backend=backend_of(backend),
        threads=threads,
        tables=tables,
        max_events=max_events,
        chunk_size=chunk_size,
        remote=remote,
        trust_files=trust_files,
        retry=Retry(retries, retry_delay),
        allow_missing=allow_missing,
        watch=watch or Watch(),
        stop=stop or Stop(),
        keeping=keeping,
        slice=slice,
        command=command or {},
        client=client,
        max_memory=_bytes(max_memory),
    )
    return carry_out(document, parameters or {}, options.checked())


def _bytes(size: int | str | None) -> int | None:
    """Return a size in bytes, which may be written with its unit."""
    found = size_from(size) if isinstance(size, str) else size
    if size is not None and (not isinstance(found, int) or isinstance(found, bool)):
        fix = "give bytes, or a text such as '2GB' or '500MB'"
        raise HzdslError("arguments", f"max_memory is {size!r}, which is no size", fix=fix)
    return found


def of_files(document: Document, files: tuple[str, ...], tree: str | None = None, data: bool = False) -> Document:
    """Return the analysis of one unnamed sample: files relative to the current folder, of weight 1.

    The experiment and energy of an analysis with samples are said of these: files of other names have none.
    """
    own = {_name_of(f) for s in document.samples for f in s.files}
    if own and not own.issuperset(map(_name_of, files)):
        document = replace(document, experiment="", energy="")
    kind, role = ("data", "data") if data else ("simulation", "background")
    sample = Sample("", files, kind, role, trees=() if tree is None else (tree,))
    return replace(document, samples=(sample,), folder=".")


def _name_of(file: str) -> str:
    return file.rsplit("/", 1)[-1]


def _paths(files: Files) -> tuple[str, ...]:
    """Return files as text.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> _paths(PurePosixPath("data/a.root")), _paths(["a.root", PurePosixPath("b.root")])
    (('data/a.root',), ('a.root', 'b.root'))
    """
    return tuple(fspath(f) for f in ((files,) if isinstance(files, str | PathLike) else files))
