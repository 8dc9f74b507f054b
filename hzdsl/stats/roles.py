"""What the public functions of statistics take: every argument has a role, by its annotation, and is checked by that.

`hz.stats.NAME` is the function of that name with this at its door; what the package calls itself is not checked. A role
also says a thing as the function wants it: one name stands for a tuple of it, a fit for its values, numbers by name for
all parameters.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args

import numpy as np

from hzdsl.errors import HzdslError, did_you_mean
from hzdsl.lang.places import as_path, located
from hzdsl.lang.values import Value
from hzdsl.records import dataclass
from hzdsl.stats.fields import bounds as ascending
from hzdsl.stats.fields import is_finite, is_number
from hzdsl.stats.fits.result import FitResult
from hzdsl.stats.harvest.channel import FilledChannel
from hzdsl.stats.methods.compatibility import Separated
from hzdsl.stats.parameters import Parameters, Vector

#: What -ln L can do, whatever it is made of.
ABILITIES = ("parameters", "observation", "value", "value_and_gradient", "hessian", "given")


@dataclass(frozen=True)
class Argument:
    """An argument of a call: which function, its name, what was given, and the parameters of the model it is about."""

    function: str
    name: str
    given: Any
    parameters: Parameters | None = None

    def wrong(self, fix: str, code: str = "arguments") -> HzdslError:
        """Return the error of an argument that is something else."""
        return HzdslError(code, f"{self.function}: {self.name} is {shown(self.given)}", fix=fix)


def shown(x: Any) -> str:
    """Return what was given, in a few words.

    Examples
    --------
    >>> shown("a" * 100), shown(3), shown(np.zeros((2, 3)))
    ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…", '3', 'an array of shape (2, 3)')
    """
    if isinstance(x, np.ndarray) and x.size > 1:
        return f"an array of shape {x.shape}"
    text = repr(x)
    if "\n" in text:
        return f"a {type(x).__name__}"
    return text if len(text) <= 40 else text[:40] + "…"


Role = Callable[[Argument], Any]

# ---- numbers and names ---------------------------------------------------------------------------------------------


def number(a: Argument) -> float:
    """A finite number."""
    if not is_finite(a.given):
        raise a.wrong("a finite number")
    return float(a.given)


def above_zero(a: Argument) -> float:
    """A finite number above 0."""
    if not number(a) > 0:
        raise a.wrong("a number above 0")
    return float(a.given)


def whole(a: Argument) -> int:
    """A whole number, 0 or more."""
    found = a.given
    if isinstance(found, bool) or not isinstance(found, int | np.integer) or found < 0:
        raise a.wrong("a whole number, 0 or more")
    return int(found)


def switch(a: Argument) -> bool:
    """True or False."""
    if not isinstance(a.given, bool | np.bool_):
        raise a.wrong("True or False")
    return bool(a.given)


def text(a: Argument) -> str:
    """A name."""
    if not isinstance(a.given, str):
        raise a.wrong("a name, as text")
    return a.given


def names(a: Argument) -> tuple[str, ...]:
    """Names: several, or one."""
    if isinstance(a.given, str):
        return (a.given,)
    found = tuple(a.given) if isinstance(a.given, Iterable) else None
    if found is None or not all(isinstance(name, str) for name in found):
        raise a.wrong(f'names, as text: {a.name}=["a", "b"]')
    return found


def path(a: Argument) -> Any:
    """A path."""
    if isinstance(a.given, str) and not a.given:
        raise a.wrong("the path of a file")
    return as_path(a.given, f"{a.function}: {a.name}")


def two_names(a: Argument) -> tuple[str, ...]:
    """The names of two parameters."""
    found = names(a)
    if len(set(found)) != 2 or len(found) != 2:
        raise a.wrong(f'two names: {a.name}=("a", "b")')
    return found


def name_or_names(a: Argument) -> Any:
    """One name, or several."""
    return a.given if isinstance(a.given, str) else names(a)


def known(a: Argument, name: Any) -> str:
    """Return the name of a parameter that there is."""
    if not isinstance(name, str):
        raise a.wrong(f"names of parameters: {a.name}={{'a': …}}")
    if a.parameters is not None:
        a.parameters.index(name)
    return name


# ---- arrays --------------------------------------------------------------------------------------------------------


def points(a: Argument) -> Vector:
    """Numbers, one or more."""
    try:
        found = np.asarray(a.given, float)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        raise a.wrong("one or more finite numbers, such as np.linspace(0, 3, 31)")
    return found


def some_points(a: Argument) -> tuple[float, ...]:
    """Numbers, as a tuple."""
    return tuple(map(float, points(a)))


def two_points(a: Argument) -> tuple[float, ...]:
    """Two numbers."""
    if len(found := some_points(a)) != 2:
        raise a.wrong("two numbers")
    return found


def grid(a: Argument) -> dict[str, Vector]:
    """Points by the name of a parameter."""
    if not isinstance(a.given, Mapping) or not a.given:
        name = a.given if isinstance(a.given, str) else "r"
        raise a.wrong(f"its points: {{'{name}': np.linspace(0, 3, 31)}}")
    return {known(a, k): points(_item(a, k)) for k in a.given}


def every_parameter(a: Argument) -> Vector:
    """A number for each parameter: an array in their order, those of a fit, or some by name."""
    if isinstance(a.given, FitResult):
        _same_parameters(a, a.given.parameters)
        return a.given.values
    if isinstance(a.given, Mapping) and a.parameters is not None:
        found = a.parameters.values
        for name in a.given:
            found[a.parameters.index(known(a, name))] = number(_item(a, name))
        return found
    many = "all parameters" if a.parameters is None else f"{len(a.parameters)} numbers, one for each parameter"
    try:
        found = points(a)
    except HzdslError:
        found = np.zeros(0)
    if not len(found) or (a.parameters is not None and len(found) != len(a.parameters)):
        raise a.wrong(f"{many}; or by name, {{'r': 1.0}}", "parameter")
    return found


def matrix(a: Argument) -> Any:
    """A square array of as many rows as there are parameters."""
    found = np.asarray(a.given) if not isinstance(a.given, str | Mapping) else np.zeros(0)
    size = found.shape[0] if a.parameters is None and found.ndim == 2 else len(a.parameters or ())
    if found.dtype.kind not in "fiu" or found.shape != (size, size):
        raise a.wrong(f"an array of shape ({size}, {size}), by all parameters")
    return found.astype(float)


def _item(a: Argument, key: Any) -> Argument:
    return Argument(a.function, f"{a.name}[{key!r}]", a.given[key], a.parameters)


# ---- by name -------------------------------------------------------------------------------------------------------


def values(a: Argument) -> dict[str, float]:
    """Numbers by the name of a parameter."""
    if not isinstance(a.given, Mapping):
        raise a.wrong(f"values by name: {a.name}={{'r': 1.0}}")
    return {known(a, k): number(_item(a, k)) for k in a.given}


def bounds(a: Argument) -> dict[str, tuple[float, float]]:
    """Bounds by the name of a parameter, None or an infinity for an open end."""
    if not isinstance(a.given, Mapping):
        raise a.wrong(f"bounds by name: {a.name}={{'r': (0, 10)}}")
    return {known(a, k): _ends(_item(a, k)) for k in a.given}


def _ends(a: Argument) -> tuple[float, float]:
    pair = tuple(a.given) if isinstance(a.given, Sequence | np.ndarray) and not isinstance(a.given, str) else ()
    if len(pair) != 2 or not all(x is None or is_number(x) for x in pair):
        raise a.wrong("(low, high), None for an open end", "parameter")
    low, high = (open_end if x is None else float(x) for x, open_end in zip(pair, (-math.inf, math.inf), strict=True))
    ascending(f"{a.function}: {a.name}", low, high, "parameter")
    return low, high


def groups(a: Argument) -> dict[str, tuple[str, ...]]:
    """Names of parameters by that of their group."""
    if not isinstance(a.given, Mapping):
        raise a.wrong(f"{a.name}={{'experiment': ['lumi', 'jes']}}")
    return {known(Argument(a.function, a.name, a.given), k): names(_item(a, k)) for k in a.given}


def words(a: Argument) -> dict[str, str]:
    """Words by word."""
    pairs = a.given.items() if isinstance(a.given, Mapping) else [(None, None)]
    if not all(isinstance(x, str) for pair in pairs for x in pair):
        raise a.wrong("texts by name: {'a': 'b'}")
    return dict(a.given)


# ---- models --------------------------------------------------------------------------------------------------------


def likelihood(a: Argument) -> Any:
    """What has -ln L: a model, given data."""
    if isinstance(a.given, type) or not all(hasattr(type(a.given), name) for name in ABILITIES):
        raise a.wrong(_to_likelihood(a.given))
    return a.given


def _to_likelihood(given: Any) -> str:
    """Return how a likelihood is made of what was given instead of one."""
    ways = {
        "UnbinnedModel": "it needs data: UnbinnedLikelihood(model, {'channel': Rows({'m': values})})",
        "UnbinnedChannel": "UnbinnedLikelihood(UnbinnedModel([channel]), {channel.name: Rows({'m': values})})",
        "TemplateModel": "TemplateLikelihood(model)",
        "CardModel": "model.likelihood()",
        "FilledChannel": "likelihood_of(channels)",
        "FitResult": "the likelihood that was fitted",
        "str": f"read({given!r:.60}), where it is the path of a model",
        "PosixPath": "read(path)",
    }
    return ways.get(type(given).__name__, "a likelihood, such as of read, UnbinnedLikelihood or TemplateLikelihood")


def likelihoods(a: Argument) -> dict[str, Any]:
    """Likelihoods by name."""
    if not isinstance(a.given, Mapping) or not a.given:
        raise a.wrong("likelihoods by name: {'exponential': one, 'power law': other}")
    return {str(k): likelihood(_item(a, k)) for k in a.given}


def source(a: Argument) -> Any:
    """A likelihood, or a function that makes one."""
    return functools.partial(_made, a, called(a)) if callable(a.given) else likelihood(a)


def separating(a: Argument) -> Any:
    """A function that makes a model of one parameter per channel."""
    return functools.partial(_separated, a, called(a))


def _separated(a: Argument, make: Callable[..., Any], *given: Any) -> Any:
    found = make(*given)
    if not isinstance(found, Separated):
        fix = "Separated(likelihood, {'channel': 'its parameter'})"
        raise Argument(a.function, f"what {a.name} returns", found).wrong(fix)
    return found


def _made(a: Argument, make: Callable[..., Any], *given: Any) -> Any:
    """Return what a function has made, which is a likelihood."""
    return likelihood(Argument(a.function, f"what {a.name} returns", make(*given)))


def physics(a: Argument) -> Any:
    """What multiplies the processes of cards."""
    if isinstance(a.given, type) or not (hasattr(a.given, "scale") and hasattr(a.given, "parameters")):
        raise a.wrong("a physics model, such as SignalStrength() or multi_signal([…])")
    return a.given


def channels(a: Argument) -> tuple[FilledChannel, ...]:
    """Channels of a run: several, or one."""
    found = (a.given,) if isinstance(a.given, FilledChannel) else a.given
    found = tuple(found) if isinstance(found, Iterable) else ()
    if not found or not all(isinstance(c, FilledChannel) for c in found):
        raise a.wrong('channels of a run: filled_channel(result, "region/name")')
    return found


def called(a: Argument) -> Any:
    """What is called."""
    if isinstance(a.given, type | Value) or not callable(a.given):
        raise a.wrong("a function")
    return a.given


def fit_result(a: Argument) -> FitResult:
    """A fit, of these parameters."""
    if not isinstance(a.given, FitResult):
        raise a.wrong("result = hz.stats.fit(likelihood)")
    _same_parameters(a, a.given.parameters)
    return a.given


def _same_parameters(a: Argument, of: Parameters) -> None:
    if a.parameters is not None and of.names != a.parameters.names:
        other = next((n for n in of.names if n not in a.parameters.names), "in another order")
        what = f"{a.function}: {a.name} is a fit of another model: its parameters are others ({other})"
        raise HzdslError("arguments", what, fix="give the fit of this likelihood")


#: The role of an argument by its annotation, apart from ``| None``.
ROLES: Mapping[str, Role] = {
    "float": number,
    "int": whole,
    "bool": switch,
    "str": text,
    "Iterable[str]": names,
    "Sequence[str]": names,
    "tuple[str, str]": two_names,
    "str | Iterable[str]": name_or_names,
    "Vector": every_parameter,
    "Matrix": matrix,
    "Sequence[float]": points,
    "Sequence[float] | Vector": points,
    "tuple[float, ...]": some_points,
    "tuple[float, float]": two_points,
    "Mapping[str, Sequence[float] | Vector]": grid,
    "Mapping[str, float]": values,
    "dict[str, float]": values,
    "Mapping[str, str]": words,
    "Bounds": bounds,
    "Mapping[str, tuple[float, float]]": bounds,
    "Mapping[str, Iterable[str]]": groups,
    "Likelihood": likelihood,
    "Weighted": likelihood,
    "Mapping[str, Likelihood]": likelihoods,
    "Source": source,
    "Separate": separating,
    "Progress": called,
    "FitResult": fit_result,
    "PhysicsModel": physics,
    "FilledChannel | Iterable[FilledChannel]": channels,
    "Iterable[FilledChannel]": channels,
    "str | os.PathLike[str]": path,
}


#: Numbers that are above 0, by their names.
ABOVE_ZERO = frozenset({"level", "goal", "accuracy", "cls_accuracy"})


def role_of(p: inspect.Parameter, names_there: Mapping[str, Any]) -> Role | None:
    """Return the role of an argument: by the table, one of some words, or an object of a class; None of others."""
    wanted = str(p.annotation).removesuffix(" | None")
    if wanted == "float" and p.name in ABOVE_ZERO:
        return above_zero
    if wanted in ROLES:
        return ROLES[wanted]
    found = names_there.get(wanted)
    if isinstance(found, type) and not getattr(found, "_is_protocol", False):
        return functools.partial(_instance, found)
    choices = get_args(found)
    return functools.partial(_choice, choices) if choices and all(isinstance(c, str) for c in choices) else None


def _instance(kind: type, a: Argument) -> Any:
    if not isinstance(a.given, kind):
        raise a.wrong(f"{kind.__name__}(…)")
    if is_dataclass(kind):
        _check_fields(a)
    return a.given


def _check_fields(a: Argument) -> None:
    """Check numbers, switches and words of a record."""
    for field in fields(a.given):
        value, wanted = getattr(a.given, field.name), str(field.type).removesuffix(" | None")
        if wanted in ("int", "float", "bool", "str") and not (value is None and wanted != field.type):
            ROLES[wanted](Argument(a.function, f"{a.name}.{field.name}", value))


def _choice(choices: tuple[str, ...], a: Argument) -> Any:
    if not isinstance(a.given, str) or a.given not in choices:
        near = did_you_mean(a.given, choices) if isinstance(a.given, str) else None
        raise a.wrong(near or f"one of {', '.join(choices)}")
    return a.given


def public(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as users call it: each argument is checked by its role, errors say where the call stands."""
    signature = inspect.signature(function)
    checks: dict[str, tuple[Role, bool]] = {}
    for p in signature.parameters.values():
        role = role_of(p, function.__globals__)
        if role is not None and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            checks[p.name] = role, p.default is None or str(p.annotation).endswith("| None")

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        bound = signature.bind(*given, **named)
        parameters: Parameters | None = None
        for key, value in bound.arguments.items():
            role, optional = checks.get(key, (None, True))
            if role is not None and not (optional and value is None):
                bound.arguments[key] = role(Argument(name, key, value, parameters))
            if parameters is None:
                found = getattr(bound.arguments[key], "parameters", None)
                parameters = found if isinstance(found, Parameters) else None
        return function(*bound.args, **bound.kwargs)

    call.__module__, call.__qualname__ = "hzdsl.stats", name  # where it is found, by pickle too
    return located(call)
