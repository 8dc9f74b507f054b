"""What has travelled over the network, and from where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hzdsl.io.source import Source
from hzdsl.results.result import InputFile

#: How many files are named that came from another place than the one given.
MOST_NAMED = 5


@dataclass
class Traffic:
    """Bytes fetched of one file, the places they have come from, and what was wrong with others."""

    fetched: int = 0
    served_by: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    def add(self, source: Source) -> None:
        """Count what has been fetched through an open source, which will not be asked again."""
        self.join(Traffic(source.bytes_fetched, source.served_by, source.failures))

    def join(self, other: Traffic) -> None:
        """Count what has been fetched elsewhere."""
        self.fetched += other.fetched
        self.served_by = tuple(dict.fromkeys((*self.served_by, *other.served_by)))
        self.failures = tuple(dict.fromkeys((*self.failures, *other.failures)))


def traffic_notes(inputs: Iterable[InputFile]) -> list[str]:
    """Return how much was read over the network, and which files came from another place than the one given.

    Examples
    --------
    >>> url, far = "root://near//store/a.root", "root://far//store/a.root"
    >>> for note in traffic_notes([InputFile("", url, "Events", 10, None, 200_000_000, 3_100_000, (far,), ("no a",))]):
    ...     print(note)
    read 3.1 MB of 200.0 MB over the network
    root://near//store/a.root was read from root://far//store/a.root (no a)
    """
    far = [i for i in inputs if i.served_by]
    if not far:
        return []
    size, fetched = sum({i.path: i.file_bytes for i in far}.values()), sum(i.bytes_fetched for i in far)
    elsewhere = {i.path: i for i in far if i.served_by != (i.path,)}
    named = [_elsewhere(i) for i in list(elsewhere.values())[:MOST_NAMED]]
    more = [f"{len(elsewhere) - MOST_NAMED} more files were read from other places"] * (len(elsewhere) > MOST_NAMED)
    return [f"read {fetched / 1e6:.1f} MB of {size / 1e6:.1f} MB over the network", *named, *more]


def _elsewhere(file: InputFile) -> str:
    why = f" ({'; '.join(file.failures)})" if file.failures else ""
    return f"{file.path} was read from {' and '.join(file.served_by)}{why}"
