"""`hz.model`: a trained model as a function of its features."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.ir.print import spell
from hzdsl.ir.types import DType
from hzdsl.lang.of_files import OfFile
from hzdsl.lang.payloads import as_plain
from hzdsl.lang.places import as_path, located
from hzdsl.lang.values import Value, to_node

if TYPE_CHECKING:
    from hzdsl.corrections.trees import Ensemble


class ModelFunction(OfFile):
    """A tree ensemble: called with its features by name, it is a value (f32).

    Attributes
    ----------
    inputs : tuple of str
        The names of the features.
    """

    kind = "models"

    def __init__(self, model: Ensemble, file: str, output: str, label: int | None) -> None:
        super().__init__(file=file, output=output, **({} if label is None else {"label": label}))
        name, label = os.path.basename(file), label or 0
        self._model, self._name, self._output, self._label = model, name, output, label
        self.inputs = model.features

    @located
    def __call__(self, *values: Any, **features: Any) -> Value:
        """Return the model's output; a quantity goes in as GeV, cm, ns or pb, what is missing as a missing feature."""
        from hzdsl.corrections.trees import margins, probability

        call = f"f({', '.join(f'{n}=…' for n in self.inputs)})"
        if values:
            raise HzdslError("arguments", f"model '{self._name}' takes its features by name", fix=call)
        lacking = [n for n in self.inputs if n not in features]
        wrong = [n for n in features if n not in self.inputs]
        if lacking or wrong:
            said = [f"it has no feature '{n}'" for n in wrong] + [f"it lacks {n}" for n in lacking]
            fix = next((g for n in wrong if (g := did_you_mean(n, self.inputs))), call)
            raise HzdslError("arguments", f"model '{self._name}': {'; '.join(said)}", fix=fix)
        nodes = {n: self._feature(n, x) for n, x in features.items()}
        found = margins(self._model, nodes)
        made = found[self._label] if self._output == "margin" else probability(self._model, found, self._label)
        self.remember(made, {n: to_node(x) for n, x in features.items()})
        return Value(made)

    def _feature(self, name: str, x: Any) -> Any:
        node = to_node(x)
        if not (node.type.dtype.numeric or node.type.dtype is DType.BOOL):
            raise HzdslError("dtype", f"feature '{name}' is a number, and {spell(node, 80)} is an object")
        return as_plain(node)

    def __repr__(self) -> str:
        return f"<model '{self._name}' of {', '.join(self.inputs)}: {len(self._model.trees)} trees>"


@located
def model(
    file: str | os.PathLike[str],
    *,
    output: str = "probability",
    label: int | None = None,
    folder: str | os.PathLike[str] = ".",
) -> ModelFunction:
    """Return a model of XGBoost (``booster.save_model("model.json")``), evaluated inside the event loop.

    Parameters
    ----------
    file : str or path
        The file.
    output : "probability" or "margin"
        What XGBoost's ``predict`` returns, or the bare sum of the trees.
    label : int, optional
        Which class, where the model has several.
    folder : str or path
        Where a relative path starts.

    Raises
    ------
    HzdslError
        ``unsupported`` for other kinds of models, ``file-missing``, ``spec-format`` for a bad file.
    """
    from hzdsl.corrections.trees import read_ensemble

    if output not in ("probability", "margin"):
        raise HzdslError("arguments", f"output='{output}'", fix="probability or margin")
    path = os.path.join(as_path(folder, "the folder"), as_path(file, "the file"))
    found = read_ensemble(path)
    name, classes = os.path.basename(path), len(found.base)
    whole = isinstance(label, int) and not isinstance(label, bool) and 0 <= label < classes
    if (label is None and classes > 1) or (label is not None and not whole):
        raise HzdslError(
            "arguments", f"{name} has {classes} classes, and label is {label!r}", fix="label=0, label=1, …"
        )
    return ModelFunction(found, os.path.abspath(path), output, label)
