"""What the variations do to the yields, relative to nominal and beside the statistical error, as a readable table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from hzdsl.records import dataclass
from hzdsl.results.result import HistogramResult, RegionResult, Result, SampleResult, Totals
from hzdsl.results.sums import total_of
from hzdsl.results.text import TextTable, number

#: So many variations are shown on a terminal, the largest first.
SHOWN = 10
#: From so many numbered alternatives on they are replicas, of which the spread is shown.
REPLICAS = 3
UP_DOWN = ("up", "down")


@dataclass(frozen=True)
class Varied:
    """The sum of weights of one region or histogram: nominal, its variance, and under each variation by label."""

    nominal: float
    variance: float
    shifted: Mapping[str, Mapping[str, float]]
    shapes: frozenset[str] = frozenset()

    def shift(self, name: str, label: str) -> float:
        """Return the shift in percent of nominal; infinite where that is nothing."""
        there = self.shifted[name].get(label, self.nominal) - self.nominal
        return 100 * there / abs(self.nominal) if self.nominal else math.copysign(math.inf, there) if there else 0.0


def systematics(result: Result, most: int | None = SHOWN) -> list[TextTable]:
    """Return a table of the shifts of all yields of simulation: a row per variation, a column per region.

    Up and down stand in one cell, of other labels each has a row, replicas are one row: the root mean square of their
    shifts. Histograms without region have a column each. Where nothing varies there is no table.

    Parameters
    ----------
    result : Result
        What a run returned.
    most : int, optional
        How many variations are shown: those that shift any yield most. None: all, and a table for every sample.

    Examples
    --------
    >>> from hzdsl.results.result import CutRow
    >>> from hzdsl.results.text import text_of
    >>> def sr(sumw, **varied):
    ...     return RegionResult("sr", (), CutRow("(all)", 100, sumw, 25.0), varied)
    >>> regions = {"sr": sr(50.0, jes={"up": sr(52.0), "down": sr(49.5)})}
    >>> print(text_of(systematics(Result("a", "f00", 100, regions, {}, {}))), end="")
    a: shifts of the yields, up / down in %
     variation                   sr
    ────────────────────────────────
     jes              +4.00 / -1.00
    <BLANKLINE>
     all variations   +4.00 / -1.00
     statistical            ± 10.00
     all variations: the larger shift to each side, added in quadrature
    """
    found: Result | Totals = result.totals.get("simulation", result)
    tables = _table(f"{result.mark}{result.analysis}: shifts of the yields", found, most)
    if most is None and result.several:
        for name, sample in result.samples.items():
            tables += _table(f"{result.mark}{name}: shifts of the yields", sample, most)
    return tables


def _table(title: str, of: Result | Totals | SampleResult, most: int | None) -> list[TextTable]:
    columns = _columns(of.regions.values(), of.histograms.values())
    rows = _rows(columns.values())
    if not rows:
        return []
    rows.sort(key=lambda row: -_size(columns.values(), *row))
    shown = rows if most is None else rows[:most]
    cells = [(_called(*row), *(_parts(v, *row) for v in columns.values())) for row in shown]
    sums = [("all variations", *(_sides(_quadrature(v, rows)) for v in columns.values()))]
    sums.append(("statistical", *(_statistical(v) for v in columns.values())))
    laid = _aligned([*cells, *sums])
    note = _note(columns.values(), rows, shown)
    header = ("variation", *columns)
    return [TextTable(f"{title}, up / down in %", header, laid[: len(cells)], laid[len(cells) :], note=note)]


def _columns(regions: Iterable[RegionResult], histograms: Iterable[HistogramResult]) -> dict[str, Varied]:
    """Return what varies: regions, of which a yield or a histogram does, and histograms without region."""
    given = [*histograms]
    found: dict[str, Varied] = {}
    for r in regions:
        inside = frozenset(name for h in given if h.region == r.name for name in h.variations)
        if inside or r.variations:
            shifted = {name: {label: x.sumw for label, x in of.items()} for name, of in r.variations.items()}
            found[r.name] = Varied(r.sumw, r.last.sumw2, shifted, inside - set(shifted))
    for h in given:
        if h.region is None and h.variations:
            shifted = {name: {label: _sum(x) for label, x in of.items()} for name, of in h.variations.items()}
            found[h.key] = Varied(_sum(h), total_of(h.variances.flat), shifted)
    return found


def _sum(h: HistogramResult) -> float:
    return total_of(h.values.flat)


#: A row of the table: a variation and the labels that it is about.
Row = tuple[str, tuple[str, ...]]


def _rows(columns: Iterable[Varied]) -> list[Row]:
    labels: dict[str, tuple[str, ...]] = {}
    for v in columns:
        labels |= {name: tuple(of) for name, of in v.shifted.items()}
        labels |= {name: () for name in sorted(v.shapes) if name not in labels}
    whole = [(name, of) for name, of in labels.items() if not of or set(of) == set(UP_DOWN) or _replicas(of)]
    alone = [(name, (label,)) for name, of in labels.items() if (name, of) not in whole for label in of]
    return [*whole, *alone]


def _replicas(labels: tuple[str, ...]) -> bool:
    return len(labels) >= REPLICAS and all(label.isdecimal() for label in labels)


def _called(name: str, labels: tuple[str, ...]) -> str:
    if _replicas(labels):
        return f"{name} (rms of {len(labels)})"
    return f"{name} {labels[0]}" if len(labels) == 1 else name


def _shifts(v: Varied, name: str, labels: tuple[str, ...]) -> list[float]:
    """Return the shifts of a row: up and down, the root mean square of replicas, or the one there is."""
    shifts = [v.shift(name, label) for label in (UP_DOWN if set(labels) == set(UP_DOWN) else labels)]
    return [math.sqrt(total_of(s * s for s in shifts) / len(shifts))] if _replicas(labels) else shifts


def _size(columns: Iterable[Varied], name: str, labels: tuple[str, ...]) -> float:
    """Return how large the largest shift of any yield is."""
    return max((abs(s) for v in columns if name in v.shifted for s in _shifts(v, name, labels)), default=-1.0)


def _parts(v: Varied, name: str, labels: tuple[str, ...]) -> str:
    if name not in v.shifted:
        return "shape only" if name in v.shapes else ""
    shifts = _shifts(v, name, labels)
    return f"± {shifts[0]:.2f}" if _replicas(labels) else " / ".join(map(_signed, shifts))


def _quadrature(v: Varied, rows: list[Row]) -> tuple[float, float]:
    """Return the larger shifts to either side of all variations, added in quadrature."""
    sides = [_extremes(v, [row for row in rows if row[0] == name]) for name in v.shifted]
    return math.hypot(*(up for up, _ in sides)), -math.hypot(*(down for _, down in sides))


def _extremes(v: Varied, rows: list[Row]) -> tuple[float, float]:
    """Return the largest and the least shift of one variation; the spread of replicas is to both sides."""
    shifts = [0.0]
    for row in rows:
        shifts += [sign * s for s in _shifts(v, *row) for sign in ((1, -1) if _replicas(row[1]) else (1,))]
    return max(shifts), min(shifts)


def _sides(shifts: tuple[float, float]) -> str:
    return " / ".join(map(_signed, shifts))


def _statistical(v: Varied) -> str:
    return f"± {100 * math.sqrt(v.variance) / abs(v.nominal):.2f}" if v.nominal else ""


def _signed(x: float) -> str:
    return f"{x:+.2f}"


def _aligned(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Return rows whose slashes stand one below the other."""
    columns = [[*column] for column in zip(*rows, strict=True)]
    for column in columns[1:]:
        halves = {i: cell.split(" / ") for i, cell in enumerate(column) if " / " in cell}
        widths = [max((len(h[k]) for h in halves.values()), default=0) for k in (0, 1)]
        for i, half in halves.items():
            column[i] = " / ".join(h.rjust(w) for h, w in zip(half, widths, strict=True))
    return tuple(zip(*columns, strict=True))


def _note(columns: Iterable[Varied], rows: list[Row], shown: list[Row]) -> str:
    given = [*columns]
    said = ["all variations: the larger shift to each side, added in quadrature"]
    if any(_replicas(labels) for _, labels in shown):
        said.append("rms: of the shifts of the replicas")
    if len(rows) > len(shown):
        largest = number(float(f"{max(0.0, _size(given, *rows[len(shown)])):.2g}"))
        said.append(
            f"and {len(rows) - len(shown)} more, each at most {largest} %: all are in yields.txt of -o DIR, "
            "and in variations of --json"
        )
    return "; ".join(said)
