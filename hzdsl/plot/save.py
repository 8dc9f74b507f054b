"""Files of figures: whole or not at all, and the same bytes for the same picture."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from hzdsl.errors import HzdslError
from hzdsl.io.sinks import Placing
from hzdsl.plot.figure import DPI, style

#: What is written into a file besides the picture: nothing that depends on date or version.
METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "pdf": {"Creator": "hzdsl", "Producer": None, "CreationDate": None},
    "svg": {"Creator": "hzdsl", "Date": None},
}
#: The usual level 6 of compression takes twice the time of this one and saves a fifth of 70 kB.
QUICKLY: dict[str, Any] = {"pil_kwargs": {"compress_level": 1}}


def checked_formats(formats: str | Iterable[str]) -> tuple[str, ...]:
    """Return the formats in lower case, each once.

    Raises
    ------
    HzdslError
        `spec-value` for a format that is not written.
    """
    given = (formats,) if isinstance(formats, str) else tuple(formats)
    asked = tuple(dict.fromkeys(str(f).lower().lstrip(".") for f in given))
    unknown = [f for f in asked if f not in METADATA]
    if unknown or not asked:
        what = f"plots are not written as '{unknown[0]}'" if unknown else "no format of plots is given"
        raise HzdslError("spec-value", what, fix=f"formats: {', '.join(METADATA)}")
    return asked


def made_folder(folder: str | Path) -> Path:
    """Return the folder, made if need be.

    Raises
    ------
    HzdslError
        `output` where it cannot be made.
    """
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HzdslError(
            "output",
            f"the folder {path} cannot be made ({error.strerror or error})",
            fix="choose another folder for the plots",
        ) from None
    return path


def picture(figure: Figure, kind: str, title: str) -> bytes:
    """Return a figure as a file of one of the formats."""
    buffer = io.BytesIO()
    with style():
        more = QUICKLY if kind == "png" else {}
        figure.savefig(buffer, format=kind, dpi=DPI, metadata={"Title": title, **METADATA[kind]}, **more)
    return buffer.getvalue()


def write(path: Path, content: bytes, placing: Placing) -> None:
    """Write a file in one piece, or nothing."""
    with placing(path) as temporary:
        temporary.write_bytes(content)
