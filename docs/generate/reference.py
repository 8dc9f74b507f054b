"""docs/reference.md: functions, methods, attributes, units and operations, from their declarations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from string import Formatter
from typing import Any

import hzdsl as hz
from hzdsl.ir.ops import MATH, OPS
from hzdsl.ir.units import NAMES, Unit, parse_unit
from hzdsl.lang.examples import FUNCTION_EXAMPLES, METHOD_EXAMPLES
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.kinematics import COMPONENTS, DERIVED, derived_meaning
from hzdsl.lang.objects import Particle
from hzdsl.lang.verbs import INTERNAL, PYTHON_ONLY

INTRODUCTION = """# Reference

Written by `make docs` from the declarations of the language; [language.md](language.md) explains it by examples.
Examples are in text. `z` is a pair of muons, `m_Z` a parameter; in Python functions are called `hz.name(…)`, quantities
are products (`5*GeV`), and `and or not` are `& | ~`.
"""

DENSITIES = "[densities](statistics/densities.md) has their formulae, integrals and names in RooFit."
STATISTICS = """[From a selection to a likelihood](statistics/from_selection.md) and
[inference](statistics/inference.md) show them; `help(hz.stats.fit)` says what arguments mean. Results are records that
functions return: `print(x)`, `x.to_json()`, `x.latex()`, and their fields."""
#: What models are declared with, beside densities.
DECLARING = (hz.observable, hz.parameter, hz.normal, hz.counted)


def methods(kind: type) -> dict[str, Any]:
    """Return the public methods and properties of a class of the surface."""
    bases = (b for b in kind.__mro__ if b.__module__.startswith("hzdsl"))
    found = {n: x for b in reversed(list(bases)) for n, x in vars(b).items() if callable(x) or isinstance(x, property)}
    return {n: found[n] for n in sorted(found) if not n.startswith("_") and n not in INTERNAL}


def summary(x: Any) -> str:
    """Return what a docstring says first, as a sentence of one line."""
    words = phrase(x)
    return words[:1].upper() + words[1:]


def phrase(x: Any) -> str:
    """Return what a docstring says first; it may begin with a formula."""
    doc = inspect.getdoc(x.fget if isinstance(x, property) else x) or ""
    return " ".join(doc.split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|").removeprefix("Return ")


def signature(name: str, function: Callable[..., Any]) -> str:
    """Return how a function is called, without annotations."""
    shown = []
    for p in inspect.signature(function).parameters.values():
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f"={_default(p.default)}"
        shown.append(f"{star}{p.name}{default}")
    return f"{name}({', '.join(n for n in shown if n != 'self')})"


def _default(value: Any) -> str:
    """Return a default as it is written: functions by name, an empty table as one."""
    if inspect.isfunction(value):
        return str(value.__name__)
    if isinstance(value, Unit):
        return str(value) or "NONE"
    return repr(dict(value)) if isinstance(value, Mapping) else repr(value)


def spelled(template: str) -> str:
    """Return a spelling of the table of operations with a, b, c for the operands."""
    names = {field for _, field, _, _ in Formatter().parse(template) if field and not field.isdigit()}
    return template.format(*"abcdef", **{n: n for n in names})


def code(text: str) -> str:
    """Return text as code in a cell of a table."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown."""
    names = list(header)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _functions() -> str:
    rows = (
        (code(signature(n, f)), MATH[n].doc if n in MATH else summary(f), code(FUNCTION_EXAMPLES[n]))
        for n, f in FUNCTIONS.items()
    )
    return table(("function", "", "example"), rows)


def _methods(kind: type) -> str:
    rows = []
    for name, found in methods(kind).items():
        called = name if isinstance(found, property) else signature(name, found)
        example = METHOD_EXAMPLES.get(name, "")
        rows.append((code(called), summary(found), code(example) if name not in PYTHON_ONLY else "Python only"))
    return table(("method", "", "example"), rows)


def _attributes() -> str:
    meanings = ((code(n), derived_meaning(n)) for n in (*COMPONENTS, *DERIVED))
    return table(("attribute", ""), [*meanings, (code("p4"), "the four-vector; four-vectors can be added")])


def _units() -> str:
    rows = ((code(n), parse_unit(n).natural().describe()) for n in sorted(NAMES, key=str.casefold))
    return table(("unit", "numbers without unit are in"), rows)


def _operations() -> str:
    parts = []
    for family in dict.fromkeys(op.family for op in OPS.values()):
        rows = (
            (
                code(op.name),
                code(spelled(op.text)),
                f"${spelled(op.latex)}$".replace("|", "\\vert "),
                op.doc,
                code(op.example),
            )
            for op in OPS.values()
            if op.family == family
        )
        parts.append(f"### {family.capitalize()}\n\n{table(('operation', 'text', 'LaTeX', '', 'example'), rows)}")
    return "\n".join(parts)


def _declared() -> str:
    rows = ((code(f"hz.{signature(f.__name__, f)}"), summary(f)) for f in DECLARING)
    return table(("function", ""), rows)


def _densities() -> str:
    every = {name: getattr(hz.pdf, name) for name in hz.pdf.__all__}
    return table(("density", ""), ((code(f"hz.pdf.{signature(name, f)}"), phrase(f)) for name, f in every.items()))


def _statistics() -> str:
    """Return what is done, and what it is done with: functions, and records with their fields."""
    every = {name: getattr(hz.stats, name) for name in hz.stats.__all__}
    functions = {name: x for name, x in every.items() if not inspect.isclass(x)}
    done = ((code(f"hz.stats.{signature(name, f)}"), summary(f)) for name, f in functions.items())
    made = ((code(f"hz.stats.{_made(name, x)}"), summary(x)) for name, x in every.items() if inspect.isclass(x))
    return table(("function", ""), done) + "\n" + table(("record", ""), made)


def _made(name: str, kind: type) -> str:
    """Return how a record is made: its fields, with their defaults."""
    if getattr(kind, "_is_protocol", False):
        return name
    if not is_dataclass(kind):
        return signature(name, kind)
    shown = []
    for f in fields(kind):
        empty = f.default is MISSING and f.default_factory is MISSING
        made = f.default_factory() if f.default_factory is not MISSING else f.default
        shown.append(f.name if empty else f"{f.name}={_default(made)}")
    return f"{name}({', '.join(shown)})"


def reference() -> str:
    """Return the whole page."""
    sections = {
        "Functions": _functions(),
        "Collections": _methods(hz.Collection),
        "Objects": _methods(Particle),
        "Values": _methods(hz.Value),
        "Attributes of anything with a four-vector": _attributes(),
        "Units": _units(),
        "Parameters and observables of models": _declared(),
        "Probability densities": f"{DENSITIES}\n\n{_densities()}",
        "Statistics": f"{STATISTICS}\n\n{_statistics()}",
        "Operations of the core": "What functions, methods and operators expand into: what `hzdsl show --ir` prints "
        "and backends execute.\n\n" + _operations(),
    }
    return INTRODUCTION + "".join(f"\n## {title}\n\n{text}" for title, text in sections.items())
