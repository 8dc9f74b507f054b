"""The words of a plot: labels of axes with units, luminosity and energy, yields, and text that matplotlib can set."""

from __future__ import annotations

import logging
import math
import re
import textwrap

import numpy as np

from hzdsl.results.result import AxisResult

SPACE = "\N{NO-BREAK SPACE}"  # the thin one is missing in the font
_TEX = re.compile(r"\\[A-Za-z]+|[_^]\{")
_SUBSCRIPT = re.compile(r"(?<![\w\\])([^\W\d_])_([^\W_])(?!\w)")  # one letter below another: m_H, not h_mass
_POWER = re.compile(r"\*\*\(?(-?\d+(?:/\d+)?)\)?")
_log = logging.getLogger("hzdsl.plot")


def drawable(text: str) -> str:
    r"""Return user text in the form matplotlib sets: one line, LaTeX between dollars.

    LaTeX without dollars (a command, ``_{`` or ``^{``) is put between them, and so is ``m_H``. What
    cannot be parsed is shown as it was written, and a warning is logged.

    Examples
    --------
    >>> drawable(r"m_{4\ell}"), drawable("m_H = 125 GeV"), drawable("h_mass"), drawable("costs 5$")
    ('$m_{4\\ell}$', '$m_H$ = 125 GeV', 'h_mass', 'costs 5\\$')
    """
    line = " ".join(text.split())
    if "$" not in line and _TEX.search(line):
        line = "$" + line.replace(" ", r"\ ") + "$"
    if "$" not in line:
        return _SUBSCRIPT.sub(r"$\1_\2$", line)
    return line if _parses(line) else " ".join(text.split()).replace("$", r"\$")


def parameter(name: str) -> str:
    r"""Return the name of a parameter as print has it: signal strengths ``r_ggH`` with their process as an index.

    Examples
    --------
    >>> parameter("r_ggH"), parameter("r"), parameter("CMS_eff_b")
    ('$r_{\\mathrm{ggH}}$', 'r', 'CMS_eff_b')
    """
    found = re.fullmatch(r"(r|mu)_([A-Za-z0-9]+)", name)
    if found is None:
        return drawable(name)
    letter = r"\mu" if found[1] == "mu" else "r"
    return rf"${letter}_{{\mathrm{{{found[2]}}}}}$"


def _parses(line: str) -> bool:
    from matplotlib.mathtext import MathTextParser

    if line.count("$") % 2:
        return False
    try:
        MathTextParser("path").parse(line)
    except ValueError as error:
        _log.warning("the label %r is not LaTeX and is shown as written (%s)", line, str(error).splitlines()[-1])
        return False
    return True


def unit_text(unit: str) -> str:
    """Return a unit for print.

    Examples
    --------
    >>> unit_text("GeV**2/cm"), unit_text("um")
    ('GeV$^{2}$/cm', 'µm')
    """
    printed = _POWER.sub(r"$^{\1}$", unit).replace("*", "\N{MIDDLE DOT}")
    return re.sub(r"\bu(?=(m|s|b)\b)", "µ", printed)


def axis_label(axis: AxisResult) -> str:
    """Return the label of an axis with its unit in brackets, unless the label ends with brackets already.

    Examples
    --------
    >>> axis_label(AxisResult("m", "GeV", "mass", np.array([0.0, 1.0]), True))
    'mass [GeV]'
    """
    label = drawable(axis.label or axis.name)
    unit = unit_text(axis.unit)
    bracketed = any(label.endswith(f"{a}{x}{b}") for a, b in ("[]", "()") for x in (unit, axis.unit))
    return label if not unit or bracketed else f"{label} [{unit}]".strip()


def equal_bins(axis: AxisResult) -> bool:
    """Return True where all bins have one width."""
    widths = np.diff(axis.edges)
    return axis.regular or bool(np.allclose(widths, widths[0], rtol=1e-6))


def counted(*, per_event: bool, weighted: bool) -> str:
    """Return what the contents of a histogram are: of objects, of which an event has several, they are entries.

    Examples
    --------
    >>> counted(per_event=True, weighted=False), counted(per_event=False, weighted=True)
    ('Events', 'Weighted entries')
    """
    what = "Events" if per_event else "Entries"
    return f"Weighted {what.lower()}" if weighted else what


def events_label(axis: AxisResult, *, per_event: bool = True, weighted: bool = False) -> str:
    """Return the label of the y axis: events per bin width, or per bin where widths differ.

    Examples
    --------
    >>> events_label(AxisResult("m", "GeV", "", np.linspace(70, 180, 37), True))
    'Events / 3.06 GeV'
    >>> events_label(AxisResult("n", "", "", np.arange(5.0), True))
    'Events'
    >>> events_label(AxisResult("pt", "GeV", "", np.arange(5.0), True), per_event=False)
    'Entries / 1 GeV'
    >>> events_label(AxisResult("n", "", "", np.arange(5.0), True), weighted=True)
    'Weighted events'
    """
    what = counted(per_event=per_event, weighted=weighted)
    if not equal_bins(axis):
        return f"{what} / bin"
    width, unit = float(axis.edges[-1] - axis.edges[0]) / (len(axis.edges) - 1), axis.unit
    if unit == "GeV" and width < 0.1:
        width, unit = 1000 * width, "MeV"
    if not unit and math.isclose(width, 1.0):
        return what
    return f"{what} / {number(width)} {unit_text(unit)}".rstrip()


def title_and_region(title: str, region: str | None) -> list[str]:
    """Return the lines about a histogram: its title, and its region unless the title names it.

    Examples
    --------
    >>> title_and_region("Four muons", "4mu"), title_and_region("Z window: 4µ", "4mu")
    (['Four muons', '4mu'], ['Z window: 4µ'])
    """
    named = region is None or f" {_words(region)} " in f" {_words(title)} "
    return [title] if named else [title, region or ""]


def _words(text: str) -> str:
    """Return the words of a text in small Latin letters, to compare them."""
    return " ".join(re.split(r"[\W_]+", re.sub("[µμ]", "mu", text.casefold()).replace("τ", "tau"))).strip()


def number(value: float, digits: int = 3, *, keep_zeros: bool = False) -> str:
    r"""Return a number with so many significant digits, as a power of ten where it is long.

    Examples
    --------
    >>> number(3.0555), number(6.698, keep_zeros=True), number(0.1), number(1234567.0), number(62.0, 2)
    ('3.06', '6.70', '0.1', '1.23$\\times$10$^{6}$', '62')
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 < power < 5:
        text = f"{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - power)}f}"
        return text.rstrip("0").rstrip(".") if "." in text and not keep_zeros else text
    if not keep_zeros and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return rf"{mantissa}$\times$10$^{{{power}}}$"


def power_of_ten(value: float) -> str:
    r"""Return the label of a tick of a logarithmic axis.

    Examples
    --------
    >>> power_of_ten(0.5), power_of_ten(1000.0), power_of_ten(1e5)
    ('0.5', '1000', '$10^{5}$')
    """
    return number(value).replace(r"1$\times$10$", "$10")


def count(value: float) -> str:
    """Return a number of events with spaces between thousands, or a weighted sum with three digits."""
    whole = math.isfinite(value) and value == round(value) and abs(value) < 1e15
    return f"{int(value):,}".replace(",", SPACE) if whole else number(value, keep_zeros=True)


def wrapped(text: str, columns: int, lines: int = 3) -> str:
    r"""Return a drawable text on lines of at most so many letters, cut after the last; LaTeX stays on one.

    Examples
    --------
    >>> wrapped("single top and associated production", 20)
    'single top and\nassociated\nproduction'
    """
    shown = drawable(text)
    if "$" in shown or len(shown) <= columns:
        return shown
    return "\n".join(textwrap.wrap(shown, columns, max_lines=lines, placeholder=" …"))


def luminosity_text(luminosity: float | None) -> str:
    """Return an integrated luminosity given in 1/pb, in the unit that suits it.

    Examples
    --------
    >>> luminosity_text(11580.0), luminosity_text(36.1), luminosity_text(None)
    ('11.6 fb$^{-1}$', '36.1 pb$^{-1}$', '')
    """
    if luminosity is None or not luminosity > 0:
        return ""
    factor, unit = next((x for x in ((1e-3, "fb"), (1.0, "pb"), (1e3, "nb")) if luminosity * x[0] >= 1), (1e6, "µb"))
    return f"{number(luminosity * factor)} {unit}$^{{-1}}$"


def conditions_text(energy: str, luminosity: float | None) -> str:
    r"""Return what stands above a plot on the right.

    Examples
    --------
    >>> conditions_text("8 TeV", 11580.0)
    '$\\sqrt{s}$ = 8 TeV, 11.6 fb$^{-1}$'
    """
    energy = energy.strip()
    if re.fullmatch(r"[\d.]+", energy):
        energy += " TeV"
    shown = rf"$\sqrt{{s}}$ = {drawable(energy)}" if energy and "sqrt" not in energy else drawable(energy)
    return ", ".join(part for part in (shown, luminosity_text(luminosity)) if part)
