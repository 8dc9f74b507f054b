"""Indices of cards (`discrete`) that choose between functions: what each choice costs, and which parameters it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.stats.cards.records import Card, Discrete
from hzdsl.stats.densities.binned import BinnedChannel
from hzdsl.stats.densities.chosen import beside_choices, chosen_in
from hzdsl.stats.densities.density import Density, summed
from hzdsl.stats.densities.model import Extended, UnbinnedChannel
from hzdsl.stats.parameters import Choice, Parameter
from hzdsl.stats.terms import names_in

Channels = Iterable[UnbinnedChannel | BinnedChannel]


def penalties(channels: Channels) -> list[Node]:
    """Return what choices add to -ln L, once for each process that has one."""
    return [c.penalty.node for density in _densities(channels) for c in chosen_in(density)]


def with_choices(parameters: Iterable[Parameter], channels: Channels, elsewhere: Iterable[str]) -> list[Parameter]:
    """Return parameters of which indices know the parameters that count only where they choose them.

    Parameters
    ----------
    parameters : iterable of Parameter
        All of the model.
    channels : iterable of channels
        Those of densities.
    elsewhere : iterable of str
        Parameters of other channels, and of other terms of -ln L.
    """
    channels, parameters = tuple(channels), tuple(parameters)
    kept = {*elsewhere, *(p.name for p in parameters if p.constraint is not None)}
    kept |= names_in(_beside(channels))
    own = _own(channels)

    def told(p: Parameter) -> Parameter:
        found = own.get(p.name, {})
        names = (tuple(sorted(found.get(k, set()) - kept)) for k in range(len(p.choices)))
        return replace(p, choices=tuple(Choice(c.name, n) for c, n in zip(p.choices, names, strict=True)))

    return [told(p) if p.choices else p for p in parameters]


def _own(channels: Channels) -> Mapping[str, dict[int, set[str]]]:
    """Return by index and choice the parameters of the functions that are chosen."""
    found: dict[str, dict[int, set[str]]] = {}
    for c in (c for density in _densities(channels) for c in chosen_in(density)):
        of_index = found.setdefault(c.index.node.text("name"), {})
        for k, part in enumerate(c.parts):
            of_index.setdefault(k, set()).update(names_in([summed(part.terms()).node]))
    return found


def _beside(channels: Channels) -> Iterator[Node]:
    """Yield what channels depend on whatever is chosen: yields, and densities beside choices."""
    for channel in channels:
        if isinstance(channel.density, Extended):
            yield channel.density.expected.node
    for density in _densities(channels):
        yield from beside_choices(density)


def _densities(channels: Channels) -> Iterator[Density]:
    for channel in channels:
        if isinstance(channel.density, Extended):
            yield from (density for _, density in channel.density.processes.values())
        else:
            yield channel.density


def check_indices(card: Card, parameters: Iterable[Parameter]) -> None:
    """Refuse a `discrete` line of something that chooses no function.

    Raises
    ------
    HzdslError
        ``datacard``
    """
    known = {p.name for p in parameters if p.choices}
    for line in card.of(Discrete):
        if line.name not in known:
            what = f"the index {line.name} chooses no function of the shapes of this card"
            fix = "name the RooCategory of a RooMultiPdf that a shapes line leads to, or leave the line out"
            raise HzdslError("datacard", what, fix=fix, place=line.place)
