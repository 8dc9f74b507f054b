"""Figures of results as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path

from matplotlib.figure import Figure

from hzdsl.io.sinks import Placing, atomic_path
from hzdsl.plot.names import Stems, file_stem
from hzdsl.plot.save import checked_formats, made_folder, picture, write


def write_figures(
    figures: Iterable[tuple[str, Figure]],
    folder: str | PathLike[str],
    formats: Sequence[str] = ("png",),
    *,
    stem: str | None = None,
    placing: Placing = atomic_path,
) -> list[Path]:
    """Write named figures into files: all of them once all are drawn. The same results give the same bytes.

    Parameters
    ----------
    figures : iterable of (str, Figure)
        Such as `hzdsl.plot.inference.figures` yields, of one result or several.
    folder : path
        Where to write; made if need be.
    formats : sequence of str
        Of ``png``, ``pdf`` and ``svg``.
    stem : str, optional
        What all names begin with; it is not said twice.
    placing : callable
        How files come into their places.

    Returns
    -------
    list of Path
        The files; what is unsafe in a name is ``_``, and a name that is taken has a number.

    Raises
    ------
    HzdslError
        `spec-value` for an unknown format, `output` where files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from hzdsl.plot.inference import figures
    >>> from hzdsl.stats.methods.asymptotic import Limits
    >>> limits = Limits("r", 0.95, 1.1, (0.5, 0.7, 1.0, 1.4, 2.0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_figures(figures(limits), folder, ["png", "svg"], stem="card")]
    ['card_limit_r.png', 'card_limit_r.svg']
    """
    kinds, stems = checked_formats(formats), Stems()
    place, pictures = made_folder(folder if isinstance(folder, str) else Path(folder)), {}
    for name, figure in figures:
        said = stem is None or f"{name}_".startswith(f"{stem}_")
        safe = stems.take(file_stem(None if said else stem, name))
        for kind in kinds:
            pictures[place / f"{safe}.{kind}"] = picture(figure, kind, name)
    for path, content in pictures.items():
        write(path, content, placing)
    return list(pictures)
