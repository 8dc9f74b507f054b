"""The systematic uncertainties of systematics.toml: what each changes, and how they are correlated."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from math import sqrt
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.records import dataclass

TABLE = Path(__file__).with_name("inputs") / "systematics.toml"
#: What a systematic uncertainty can change.
CHANGED = ("signal", "background", "mean", "sigma")


@dataclass(frozen=True)
class Systematic:
    """A nuisance parameter: what is changed by its one standard deviation, relatively, by name of what is changed."""

    name: str
    effect: Mapping[str, float]
    group: str = ""
    doc: str = ""


@dataclass(frozen=True, eq=False)
class Systematics:
    """Nuisance parameters in the order of the table, and their correlation matrix, shape (n, n)."""

    items: tuple[Systematic, ...]
    correlation: npt.NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(s.name for s in self.items)

    def quadrature(self, of: str = "signal", group: str | None = None) -> float:
        """Return the root of the sum of squares of the effects on one thing, as if there were no correlation."""
        return sqrt(sum(s.effect.get(of, 0.0) ** 2 for s in self.items if group in (None, s.group)))

    def total(self, of: str = "signal") -> float:
        """Return the whole relative uncertainty of one thing, with correlations.

        Examples
        --------
        >>> known = read_systematics()
        >>> f"{known.quadrature(group='seed'):.4f} {known.total():.4f}"
        '0.0397 0.0415'
        """
        effects = np.array([s.effect.get(of, 0.0) for s in self.items])
        return sqrt(effects @ self.correlation @ effects)


def read_systematics(path: Path = TABLE) -> Systematics:
    """Read a table of systematic uncertainties.

    Raises
    ------
    HzdslError
        `spec-format`, `spec-key`, `spec-value`, `name-unknown`: for what a table cannot say.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise HzdslError("spec-format", f"{path}: {error}", fix="correct the TOML") from None
    items = tuple(_systematic(name, entry, path) for name, entry in table.get("systematic", {}).items())
    return Systematics(items, _correlation([s.name for s in items], table.get("correlation", []), path))


def _systematic(name: str, entry: Mapping[str, object], path: Path) -> Systematic:
    effect = entry.get("effect")
    if not isinstance(effect, Mapping) or not effect or not entry.keys() <= {"effect", "group", "doc"}:
        fix = "write effect = { signal = 0.02 }, group and doc"
        raise HzdslError("spec-key", f"{path}: systematic '{name}' has {', '.join(entry)}", fix=fix)
    for what, size in effect.items():
        if what not in CHANGED:
            fix = did_you_mean(what, CHANGED) or f"one of {', '.join(CHANGED)}"
            raise HzdslError("name-unknown", f"{path}: systematic '{name}' changes '{what}'", fix=fix)
        if not isinstance(size, float | int) or not -1 < size < 1:
            raise HzdslError("spec-value", f"{path}: effect of '{name}' on {what} is {size}", fix="0.02 is 2 %")
    sizes = {what: float(size) for what, size in effect.items()}
    return Systematic(name, sizes, str(entry.get("group", "")), str(entry.get("doc", "")))


def _correlation(names: list[str], pairs: Iterable[Mapping[str, object]], path: Path) -> npt.NDArray[np.float64]:
    matrix = np.eye(len(names))
    for pair in pairs:
        between, value = pair.get("between"), pair.get("value")
        if not isinstance(between, list) or len(set(between)) != 2 or not isinstance(value, float | int):
            fix = 'write between = ["a", "b"] and value = 0.3'
            raise HzdslError("spec-key", f"{path}: a correlation is {dict(pair)}", fix=fix)
        for name in between:
            if name not in names:
                fix = did_you_mean(name, names) or f"one of {', '.join(names)}"
                raise HzdslError("name-unknown", f"{path}: a correlation with '{name}', which is not there", fix=fix)
        i, j = map(names.index, between)
        matrix[i, j] = matrix[j, i] = value
    if len(names) and np.linalg.eigvalsh(matrix)[0] <= 0:
        what = f"{path}: no random numbers have these correlations (the matrix is not positive definite)"
        raise HzdslError("spec-value", what, fix="give smaller values")
    return matrix
