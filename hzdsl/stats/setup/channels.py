"""One parameter of interest per channel instead of one in all: what compatibility of channels compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from hzdsl.errors import HzdslError
from hzdsl.ir.node import Node
from hzdsl.records import dataclass
from hzdsl.stats.combine.physics import PhysicsModel
from hzdsl.stats.parameters import Parameter, Parameters
from hzdsl.stats.parts import JointLikelihood
from hzdsl.stats.templates.model import Channel, Factor, TemplateModel


@dataclass(frozen=True)
class PerChannel:
    """A physics model of which one parameter is another one in each channel.

    Examples
    --------
    >>> from hzdsl.stats.combine.physics import SignalStrength
    >>> m = PerChannel(SignalStrength(), "r", {"sr": "r_sr", "cr": "r_cr"})
    >>> [p.name for p in m.parameters], m.scale("cr", "ggH", True)
    (['r_sr', 'r_cr'], 'r_cr')
    """

    physics: PhysicsModel
    poi: str
    names: Mapping[str, str]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the model, and a copy of the one for each channel."""
        return _copied(self.physics.parameters, self.poi, self.names)

    def scale(self, channel: str, process: str, signal: bool) -> str | Node | None:
        """Return by what a process is multiplied."""
        found = self.physics.scale(channel, process, signal)
        if isinstance(found, Node):
            what = f"the yield of {process} in {channel} is an expression, of which {self.poi} is not taken apart"
            raise HzdslError("unsupported", what, fix="use a model in which it multiplies the signal")
        return self.names[channel] if found == self.poi else found


def _copied(parameters: Iterable[Parameter], poi: str, names: Mapping[str, str]) -> tuple[Parameter, ...]:
    """Return parameters with one of another name for each channel in the place of one."""
    found = list[Parameter]()
    for p in parameters:
        found += [p] if p.name != poi else [replace(p, name=n) for n in dict.fromkeys(names.values())]
    return tuple(found)


def template_per_channel(model: TemplateModel, poi: str, names: Mapping[str, str]) -> TemplateModel:
    """Return a binned model of which one parameter that multiplies processes is another one in each channel."""

    def renamed(channel: Channel) -> Channel:
        name = names[channel.name]
        processes = tuple(
            replace(p, factors=tuple(Factor(name) if f.parameter == poi else f for f in p.factors))
            for p in channel.processes
        )
        return replace(channel, processes=processes)

    parameters = Parameters(_copied(model.parameters, poi, names))
    return TemplateModel(tuple(map(renamed, model.channels)), parameters)


def names_of(poi: str, channels: Sequence[str], groups: Sequence[str] = ()) -> dict[str, str]:
    """Return the parameter of each channel; those whose name contains a group share one.

    Examples
    --------
    >>> names_of("r", ["sr_mu", "sr_el", "cr"], ["sr"])
    {'sr_mu': 'r_sr', 'sr_el': 'r_sr', 'cr': 'r_cr'}
    """
    for group in groups:
        if not any(group in c for c in channels):
            raise HzdslError("options", f"no channel has '{group}' in its name", fix=f"there are {', '.join(channels)}")
    return {c: f"{poi}_{next((g for g in groups if g in c), c)}" for c in channels}


def separated(
    likelihood: JointLikelihood,
    make: Callable[[str, Mapping[str, str]], JointLikelihood],
    poi: str,
    names: Mapping[str, str],
) -> JointLikelihood:
    """Return the model with a parameter per channel; all parameters start, and may go, as those of the other do.

    Parameters
    ----------
    likelihood : JointLikelihood
        With one parameter in all channels.
    make : callable
        Makes the other: see `Opened.per_channel`.
    poi : str
        The parameter.
    names : mapping of str to str
        Its new names by channel.
    """
    apart = make(poi, names)
    changes: dict[str, dict[str, object]] = {}
    for p in apart.parameters:
        known = likelihood.parameters[poi if p.name in names.values() else p.name]
        changes[p.name] = {n: getattr(known, n) for n in ("value", "low", "high", "fixed", "interest")}
    return apart.with_parameters(apart.parameters.changed(changes))
