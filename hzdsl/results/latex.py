"""Tables of text in LaTeX: the same cells, as a ``table`` with a caption."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hzdsl.results.text import TextTable

#: Signs that tables of numbers hold, in math mode.
SIGNS = {
    "±": r"\pm", "−": "-", "∞": r"\infty", "√": r"\surd", "≤": r"\leq", "≥": r"\geq", "→": r"\to", "·": r"\cdot",
    "Δ": r"\Delta", "θ": r"\theta", "σ": r"\sigma", "µ": r"\mu", "μ": r"\mu", "ρ": r"\rho", "χ": r"\chi", "ν": r"\nu",
    "λ": r"\lambda", "Φ": r"\Phi", "²": "^2", "₀": "_0", "½": r"\frac{1}{2}",
}  # fmt: skip
#: Numbers with a sign, or with a power of ten.
_NUMBER = re.compile(r"(?<![\w.])(?=[-+]|[\d.]+e)([-+]?\d+(?:\.\d+)?)(?:e([-+]?\d+))?(?![\w.])")
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def latex_of(tables: Iterable[TextTable]) -> str:
    r"""Return tables as LaTeX, each a ``table`` with its title as the caption.

    Examples
    --------
    >>> print(latex_of([TextTable("r_1", ("", "±"), (("50 %", "± 2"),))]), end="")
    \begin{table}
      \centering
      \caption{r\_1}
      \begin{tabular}{ll}
        \hline
         & $\pm$ \\
        \hline
        50 \% & $\pm$ 2 \\
        \hline
      \end{tabular}
    \end{table}
    """
    return "\n".join(map(_table, tables))


def _table(table: TextTable) -> str:
    note = f". {table.note}" if table.note else ""
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{_escaped(table.title + note)}}}",
        rf"  \begin{{tabular}}{{{_columns(table)}}}",
        r"    \hline",
        _row(table.header),
        r"    \hline",
        *map(_row, table.rows),
        *([r"    \hline", *map(_row, table.sums)] if table.sums else []),
        r"    \hline",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _columns(table: TextTable) -> str:
    rest = ("l" if not table.numbers or name.startswith("±") else "r" for name in table.header[1:])
    return "l" + "".join(rest)


def _row(cells: tuple[str, ...]) -> str:
    return f"    {' & '.join(map(_escaped, cells))} \\\\"


def _escaped(text: str) -> str:
    r"""Return text in LaTeX; signed numbers, and powers of ten, are mathematics.

    Examples
    --------
    >>> print(_escaped("-0.48 (bound) / +0.81"), _escaped("2.3e-05"), _escaped("a-1_x"))
    $-0.48$ (bound) / $+0.81$ $2.3\times 10^{-5}$ a-1\_x
    """
    found, at = "", 0
    for number in _NUMBER.finditer(text):
        found += _plain(text[at : number.start()]) + _mathematics(*number.groups())
        at = number.end()
    return found + _plain(text[at:])


def _mathematics(mantissa: str, power: str | None) -> str:
    return f"${mantissa}$" if power is None else rf"${mantissa}\times 10^{{{int(power)}}}$"


def _plain(text: str) -> str:
    signs = {c: f"${x}$" for c, x in SIGNS.items()}
    return "".join(_SPECIAL.get(c) or signs.get(c) or (f"\\{c}" if c in "&%$#_{}" else c) for c in text)
