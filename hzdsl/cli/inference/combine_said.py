"""What was said on a command line of Combine, and what is told of what has no meaning or is not offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from hzdsl.errors import HzdslError

#: Options whose name in Combine is not that of the value.
SPELLED = {
    "expect_signal": "expectSignal", "toys_frequentist": "toysFrequentist",
    "set_parameters": "setParameters", "level": "cl", "algo_minos": "minos", "fixed_points": "fixedPointPOIs",
    "lhc_mode": "LHCmode", "toys_per_point": "toysH", "run_what": "run", "single_point": "singlePoint",
    "float_others": "floatOtherPOIs", "fixed_strength": "fixedSignalStrength", "align": "alignEdges",
    "just_fit": "justFit", "snapshot": "snapshotName", "cls_accuracy": "clsAcc",
    "skip_background": "skipBOnlyFit", "shapes": "saveShapes",
    "strategy": "cminDefaultMinimizerStrategy", "parameters": "parameters (-P)",
}  # fmt: skip


class Words:
    """What was said on the command line; what no part of it took up is told in the end."""

    def __init__(self, said: Mapping[str, Any], given: set[str]) -> None:
        self._said, self._given, self._left = said, frozenset(given), set(given)

    def __getitem__(self, name: str) -> Any:
        self._left.discard(name)
        return self._said[name]

    def given(self, name: str) -> bool:
        """Return whether an option stands on the command line, or has what it has without."""
        return name in self._given

    @property
    def left(self) -> tuple[str, ...]:
        """The options that were given, and that nobody asked for."""
        return tuple(SPELLED.get(name, name) for name in sorted(self._left))


def told(words: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return what is said of options that mean nothing here: options with one reason in one sentence."""
    by_reason: dict[str, list[str]] = {}
    for name, why in words:
        by_reason.setdefault(why, []).append(name)
    return tuple(f"{', '.join(names)}: {why}" for why, names in by_reason.items())


def refused(words: list[tuple[str, str]]) -> None:
    """Refuse options of Combine that would change what is found.

    Raises
    ------
    HzdslError
        ``unsupported`` with the reason.
    """
    for name, why in words:
        raise HzdslError("unsupported", f"Combine's {name} is not offered", fix=why)


def check_inputs(inputs: tuple[str, ...], card: str | None) -> tuple[str, ...]:
    """Return the inputs, with that of -d."""
    found = (*inputs, *((card,) if card else ()))
    if not found:
        raise click.UsageError("there is no datacard: combine -M METHOD CARD")
    return found
