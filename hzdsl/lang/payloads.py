"""What files hold as functions: corrections of correctionlib, luminosity masks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir import build
from hzdsl.ir.members import is_label
from hzdsl.ir.node import Node
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.ir.units import ANY, NONE
from hzdsl.lang.of_files import OfFile
from hzdsl.lang.places import as_path, located
from hzdsl.lang.values import Value, to_node

if TYPE_CHECKING:
    from hzdsl.corrections.records import Compound, Correction, Variable

# ---- corrections ---------------------------------------------------------------------------------------------------


class CorrectionFunction(OfFile):
    """A correction of a correctionlib file: called with its inputs by name, it is a value.

    Attributes
    ----------
    inputs : tuple of str
        Their names.
    """

    kind = "corrections"

    def __init__(self, record: Correction | Compound, name: str, file: str) -> None:
        super().__init__(file=file, name=name)
        self._record, self._name = record, name
        self.inputs = tuple(v.name for v in record.inputs)

    @located
    def __call__(self, *values: Any, **inputs: Any) -> Value:
        """Return the correction for these inputs, a plain f64.

        A quantity goes in as GeV, cm, ns or pb, as payloads expect it, whatever the file holds.
        """
        if values:
            raise HzdslError("arguments", f"correction '{self._name}' takes its inputs by name", fix=self._call())
        self._check_names(inputs)
        given = {v.name: self._input(v, inputs[v.name]) for v in self._record.inputs}
        found = self._lowered(given)
        self.remember(found, {n: x if isinstance(x, str) else to_node(x) for n, x in inputs.items()})
        return Value(found)

    def _lowered(self, given: dict[str, Node | str]) -> Node:
        """Return the correction; where an input is a category, the one of its label."""
        from hzdsl.corrections.lowering import lower

        by = next(((n, x) for n, x in given.items() if isinstance(x, Node) and x.type.dtype is DType.LABEL), None)
        if by is None:
            return lower(self._record, given)
        name, category = by
        *others, last = category.type.labels
        found = self._lowered({**given, name: last})
        for label in reversed(others or [last]):  # missing where the category is
            found = build.where(is_label(category, label), self._lowered({**given, name: label}), found)
        return found

    def _check_names(self, inputs: dict[str, Any]) -> None:
        """Say all wrong and lacking inputs at once."""
        lacking = [v.describe() for v in self._record.inputs if v.name not in inputs]
        wrong = [name for name in inputs if name not in self.inputs]
        if not lacking and not wrong:
            return
        said = [f"it has no input '{name}'" for name in wrong] + ([f"it lacks {', '.join(lacking)}"] if lacking else [])
        guesses = [did_you_mean(name, self.inputs) for name in wrong]
        fix = next((g for g in guesses if g), None) or self._call()
        raise HzdslError("arguments", f"correction '{self._name}': {'; '.join(said)}", fix=fix)

    def _call(self) -> str:
        return f"f({', '.join(f'{n}=…' for n in self.inputs)})"

    def _input(self, variable: Variable, x: Any) -> Node | str:
        what = f"correction '{self._name}': {variable.describe()}"
        if variable.kind == "string":
            if isinstance(x, Value) and x.node.type.dtype is DType.LABEL:
                return x.node
            if not isinstance(x, str):
                fix = 'a text, or a category whose labels are its values: hz.category({"2022": ev.run < 363000, …})'
                raise HzdslError("arguments", f"{what} is a text, not {x!r}", fix=fix)
            return x
        if isinstance(x, str):
            raise HzdslError("arguments", f"{what} is a number, not '{x}'")
        node = to_node(x)
        if not (node.type.dtype.numeric or node.type.dtype is DType.BOOL):
            raise HzdslError(
                "dtype", f"{what} is a number, and {spell(node, 80)} is an object", fix="take an attribute"
            )
        if variable.kind == "int":
            if node.type.dtype.floating:
                raise HzdslError("dtype", f"{what} is an integer, and {spell(node, 80)} is {node.type.dtype.value}")
            return build.cast(node, DType.I64)
        return as_plain(node)

    def __repr__(self) -> str:
        said = ", ".join(v.describe() for v in self._record.inputs)
        return f"<correction '{self._name}' of {said}>"


def as_plain(x: Node) -> Node:
    """Return a value in its natural unit as a plain f64: what payloads and models read."""
    x = build.cast(build.to_unit(x, x.type.unit.natural()), DType.F64)
    unit = x.type.unit
    if unit in (NONE, ANY):
        return x
    return build.arithmetic("div", x, build.const(1.0, unit))


@located
def correction(file: str | os.PathLike[str], name: str, *, folder: str | os.PathLike[str] = ".") -> CorrectionFunction:
    """Return a correction of a correctionlib file (schema version 2, ``.json`` or ``.json.gz``).

    Parameters
    ----------
    file : str or path
        The file.
    name : str
        The correction, or compound correction.
    folder : str or path
        Where a relative path starts.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format``, ``spec-value`` for a bad file; ``name-unknown`` with the nearest names.

    Examples
    --------
    >>> import json, tempfile
    >>> import hzdsl as hz
    >>> content = {"nodetype": "formula", "expression": "1 + [0]/x", "parser": "TFormula", "variables": ["pt"],
    ...            "parameters": [2.0]}
    >>> payload = {"schema_version": 2, "corrections": [{"name": "scale", "version": 1, "data": content,
    ...            "inputs": [{"name": "pt", "type": "real"}], "output": {"name": "k", "type": "real"}}]}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     json.dump(payload, file)
    ...     file.flush()
    ...     scale = hz.correction(file.name, "scale")
    >>> scale(pt=hz.events("nanoaod").Jet.pt)
    <1.0 + 2.0 / (Jet.pt / 1 GeV) : f64 @ Jet>
    """
    from hzdsl.corrections.reading import read_correction

    if not isinstance(name, str):
        raise HzdslError("arguments", f"the name of a correction is a text, not {name!r}")
    path = os.path.join(as_path(folder, "the folder"), as_path(file, "the file"))
    return CorrectionFunction(read_correction(path, name), name, os.path.abspath(path))


# ---- luminosity ----------------------------------------------------------------------------------------------------


class LumiMask:
    """Certified luminosity blocks: called with run and block, it is a condition."""

    def __init__(self, file: str, ranges: dict[int, list[tuple[int, int]]]) -> None:
        self._file, self._ranges = file, ranges

    @located
    def __call__(self, run: Any, luminosityBlock: Any) -> Value:  # noqa: N803 (the branch's name)
        """Return whether a luminosity block of a run is certified."""
        from hzdsl.corrections.lumi import certified

        nodes = []
        for x, what in ((run, "the run"), (luminosityBlock, "the luminosity block")):
            node = to_node(x)
            if not node.type.dtype.integer:
                raise HzdslError("dtype", f"{what} is an integer, and {spell(node, 80)} is {node.type.dtype.value}")
            nodes.append(node)
        return Value(certified(self._ranges, *nodes))

    def __repr__(self) -> str:
        blocks = sum(last - first + 1 for ranges in self._ranges.values() for first, last in ranges)
        return f"<luminosity mask {self._file}: {len(self._ranges)} runs, {blocks} blocks>"


@located
def lumi_mask(file: str | os.PathLike[str], *, folder: str | os.PathLike[str] = ".") -> LumiMask:
    """Return the luminosity mask of a golden JSON file, ``{"run": [[first, last], …]}``.

    Parameters
    ----------
    file : str or path
        The file.
    folder : str or path
        Where a relative path starts.

    Raises
    ------
    HzdslError
        ``file-missing``, ``spec-format`` or ``spec-value``.

    Examples
    --------
    >>> import tempfile
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     _ = file.write('{"1": [[1, 4], [6, 9]]}')
    ...     file.flush()
    ...     mask = hz.lumi_mask(file.name)
    >>> mask(ev.run, ev.luminosityBlock).node.type.dtype.value
    'bool'
    """
    from hzdsl.corrections.lumi import read_ranges

    path = os.path.join(as_path(folder, "the folder"), as_path(file, "the file"))
    return LumiMask(Path(path).name, read_ranges(path))
