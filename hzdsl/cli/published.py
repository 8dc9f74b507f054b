"""The remote demo beside what has been published, and what travelled over the network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hzdsl.results.result import Result, SampleResult
from hzdsl.results.text import TextTable

SIGNAL = "SMHiggsToZZTo4L"
#: Selected events of the 2012 signal sample, as ROOT's df103 and nano.rust (page of 2026-06-21) give them.
CHANNELS = {"4mu": 9115, "4e": 5528, "2e2mu": 12065}
WINDOWS = {(120.0, 130.0): 23370, (110.0, 120.0): 2080, (130.0, 140.0): 647}
MASS = "h_mass"


def beside_published(result: Result) -> TextTable:
    """Return the counts of the signal sample beside the published ones.

    A window holds its lower edge and not its upper.
    """
    rows = tuple((name, str(here), str(there)) for name, here, there in _rows(result.samples[SIGNAL]))
    return TextTable(f"{SIGNAL}: selected events", ("", "here", "published"), rows)


def _rows(signal: SampleResult) -> Iterator[tuple[str, int, int]]:
    for name, there in CHANNELS.items():
        yield name, signal.regions[name].selected, there
    yield "total", sum(signal.regions[name].selected for name in CHANNELS), sum(CHANNELS.values())
    masses = np.concatenate([np.asarray(t.columns[MASS], np.float64) for t in signal.tables])
    for (low, high), there in WINDOWS.items():
        yield f"{low:g}–{high:g} GeV", int(np.count_nonzero((masses >= low) & (masses < high))), there


def traffic(result: Result) -> TextTable:
    """Return the bytes fetched of every file beside its size."""
    rows = tuple(
        (
            i.path.rsplit("/", 1)[-1],
            megabytes(i.bytes_fetched),
            megabytes(i.file_bytes),
            _share(i.bytes_fetched, i.file_bytes),
        )
        for i in result.inputs
    )
    fetched, size = sum(i.bytes_fetched for i in result.inputs), sum(i.file_bytes for i in result.inputs)
    sums = (("all", megabytes(fetched), megabytes(size), _share(fetched, size)),)
    return TextTable("bytes over the network", ("file", "fetched", "size", "share"), rows, sums)


def megabytes(n: int) -> str:
    """Return a number of bytes in MB.

    Examples
    --------
    >>> megabytes(6_123_456)
    '6.12 MB'
    """
    return f"{n / 1e6:.2f} MB"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""
