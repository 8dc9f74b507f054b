"""Which plots a result has: one per histogram, and one per name over all regions that may be added."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from hzdsl.io.sinks import Placing, atomic_path
from hzdsl.plot.figure import style
from hzdsl.plot.mesh import draw_mesh
from hzdsl.plot.model import Header, add, filling, header_of, label_of, same_axes, stack, total
from hzdsl.plot.names import Stems, file_stem
from hzdsl.plot.save import checked_formats, made_folder, picture, write
from hzdsl.plot.single import draw_single
from hzdsl.plot.stack import draw_stack
from hzdsl.records import dataclass
from hzdsl.results.result import HistogramResult, RegionResult, Result, SampleResult

_log = logging.getLogger("hzdsl.plot")


@dataclass(frozen=True)
class Page:
    """One plot: the name of its file, the histograms added up, and the samples shown (a 2-D plot shows one kind)."""

    stem: str
    keys: tuple[str, ...]
    samples: tuple[SampleResult, ...]


def write_pages(
    result: Result,
    folder: str | Path,
    formats: Sequence[str] = ("png",),
    panel: str = "pull",
    *,
    placing: Placing = atomic_path,
    drawn: Callable[[int, int], None] = lambda done, of: None,
) -> list[Path]:
    """Draw every plot of a result, then write them all; `drawn` is told how many of how many have been drawn."""
    kinds = checked_formats(formats)
    place = made_folder(folder)
    pictures = {}
    wanted = list(pages(result))
    with style():
        for done, page in enumerate(wanted):
            drawn(done, len(wanted))
            figure = draw_page(result, page, panel)
            for kind in kinds:
                pictures[place / f"{page.stem}.{kind}"] = picture(figure, kind, ", ".join(page.keys))
    for path, content in pictures.items():
        write(path, content, placing)
    return list(pictures)


def pages(result: Result) -> Iterator[Page]:
    """Return the plots of a result: every histogram, then the sums over regions."""
    stems = Stems()
    for key, h in result.histograms.items():
        if len(h.axes) > 2:
            _log.warning("histogram '%s' has %d axes and is not drawn (at most 2)", key, len(h.axes))
            continue
        yield from _pages_of(result, stems, (key,), [file_stem(h.region, h.name)])
    for keys in combined(result):
        stem = file_stem(None, result.histograms[keys[0]].name)
        yield from _pages_of(result, stems, keys, [stem, f"{stem}_combined"])


def _pages_of(result: Result, stems: Stems, keys: tuple[str, ...], wishes: list[str]) -> Iterator[Page]:
    """Return one page, or for two dimensions one of simulation and one of data."""
    samples = tuple(filling(result, keys))
    kinds = list(dict.fromkeys(s.sample.kind for s in samples))
    if len(result.histograms[keys[0]].axes) < 2 or len(kinds) < 2:
        yield Page(stems.take(*wishes), keys, samples)
        return
    for kind in kinds:
        shown = tuple(s for s in samples if s.sample.kind == kind)
        yield Page(stems.take(*(f"{w}_{kind}" for w in wishes)), keys, shown)


def combined(result: Result) -> list[tuple[str, ...]]:
    """Return the keys of histograms of one name that may be added: equal axes, and no region inside another."""
    named: dict[str, list[str]] = {}
    for key, h in result.histograms.items():
        if h.region is not None and len(h.axes) <= 2:
            named.setdefault(h.name, []).append(key)
    return [tuple(keys) for name, keys in named.items() if len(keys) > 1 and _may_add(result, name, keys)]


def _may_add(result: Result, name: str, keys: list[str]) -> bool:
    histograms = [result.histograms[k] for k in keys]
    if not all(same_axes(histograms[0], h) for h in histograms):
        _log.info("the histograms '%s' of %d regions have different axes: no combined plot", name, len(keys))
        return False
    regions = [result.regions[r] for r in (h.region for h in histograms) if r and r in result.regions]
    inside = next(((a, b) for a in regions for b in regions if a is not b and _inside(a, b)), None)
    if inside is not None:
        _log.info("'%s': region %s lies inside %s: no combined plot", name, inside[0].name, inside[1].name)
        return False
    return True


def _inside(inner: RegionResult, outer: RegionResult) -> bool:
    """Return True where one region begins with all cuts of the other, number for number: events would count twice."""
    rows = outer.cutflow
    return outer.selected > 0 and len(rows) > 0 and inner.cutflow[: len(rows)] == rows


def draw_page(result: Result, page: Page, panel: str) -> Figure:
    """Return the figure of a page: a stack of several samples, one histogram, or a colour mesh."""
    samples, keys = list(page.samples), page.keys
    shape = total(samples, keys) if samples else add([result.histograms[k] for k in keys])
    header = header_of(result, samples)
    with style():
        if len(shape.axes) == 2:
            return draw_mesh(shape, header, _label(samples), shape.log)
        if len(samples) > 1:
            return draw_stack(stack(result, keys), header, panel, shape.log)
        return draw_single(shape, header, _label(samples), shape.log)


def _label(samples: list[SampleResult]) -> str:
    """Return what a plot without legend says about its samples."""
    if len(samples) == 1:
        return label_of([samples[0].sample]) if samples[0].sample.name else ""
    return samples[0].sample.kind.capitalize() if samples else ""


def draw_histogram(h: HistogramResult, header: Header, label: str, log: str | None) -> Figure:
    """Return the figure of one histogram of one or two dimensions."""
    scales = h.log if log is None else log
    with style():
        draw = draw_single if len(h.axes) == 1 else draw_mesh
        return draw(h, header, label, scales)
