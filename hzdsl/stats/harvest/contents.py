"""Bins that no expectation can have: negative ones, NaN, processes of which nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError
from hzdsl.stats.harvest.channel import Bins, FilledChannel, FilledProcess

#: What becomes of negative bins: an error, or 0 with a remark for each.
Negative = Literal["refuse", "zero"]


def checked(channel: FilledChannel, negative: Negative = "refuse") -> FilledChannel:
    """Return a channel all of whose bins can be expectations.

    Weights of both signs make some bins negative by chance, and no Poisson distribution has such a mean. With ``zero``
    such a bin is empty, of a nominal one its up and down, too; its statistical error stays, since so much is not known
    of it. Nothing else is changed: a bin that is 0 stays 0. (A small number in its place would be a prediction that
    nobody made, and with the error of the bin that it replaces, one of no effective events.)

    Raises
    ------
    HzdslError
        `template` for a negative bin that is refused, NaN or infinite contents, and for an up or down without events.
    """
    mended, remarks = [], list(channel.remarks)
    for t in channel.processes:
        _check_finite(channel, t)
        for said in _negative(channel, t):
            if negative == "refuse":
                fix = "merge bins, add events, or have such bins set to 0 (negative='zero')"
                raise HzdslError("template", said, fix=fix)
            remarks.append(f"{said}: set to 0")
        mended.append(_emptied(t))
        _check_variations(channel, mended[-1])
    return replace(channel, processes=tuple(mended), remarks=tuple(remarks))


def _all(t: FilledProcess) -> list[tuple[str, Bins]]:
    sides = [(f"{name} {side}", b) for name, of in t.varied.items() for side, b in zip(("up", "down"), of, strict=True)]
    return [("nominal", t.nominal), *sides]


def _check_finite(channel: FilledChannel, t: FilledProcess) -> None:
    for label, bins in _all(t):
        if not (np.isfinite(bins.values).all() and np.isfinite(bins.variances).all()):
            what = f"{channel.name}: process {t.name} ({label}) has contents that are no numbers"
            raise HzdslError("template", what, fix="find the events whose weights are NaN or infinite")


def _negative(channel: FilledChannel, t: FilledProcess) -> Iterator[str]:
    """Yield what there is to say of negative bins: of varied ones that are not so already nominally."""
    for label, bins in _all(t):
        bad = bins.values < 0 if bins is t.nominal else (bins.values < 0) & (t.nominal.values >= 0)
        if bad.any():
            under = "" if bins is t.nominal else f" under {label}"
            yield f"{channel.name}: process {t.name} is negative{under}: {_cells(channel, bins, bad)}"


def _cells(channel: FilledChannel, bins: Bins, which: npt.NDArray[np.bool_]) -> str:
    edges, errors = channel.axis.edges, np.sqrt(bins.variances)
    cells = (f"{bins.values[i]:.3g} ± {errors[i]:.3g} in {edges[i]:g}-{edges[i + 1]:g}" for i in np.flatnonzero(which))
    return ", ".join(f"{cell} {channel.axis.unit}".rstrip() for cell in cells)


def _emptied(t: FilledProcess) -> FilledProcess:
    """Return a process without negative bins."""
    empty = t.nominal.values < 0

    def mended(bins: Bins) -> Bins:
        return Bins(np.where(empty | (bins.values < 0), 0.0, bins.values), bins.variances)

    varied = {name: (mended(up), mended(down)) for name, (up, down) in t.varied.items()}
    return replace(t, nominal=mended(t.nominal), varied=varied)


def _check_variations(channel: FilledChannel, t: FilledProcess) -> None:
    if not t.nominal.values.any():
        return
    for label, bins in _all(t):
        if not bins.values.any():
            what = f"{channel.name}: of process {t.name} nothing is left under {label}"
            raise HzdslError("template", what, fix="look at the variation, or leave it out of the systematics")
