"""Options that the commands of statistical methods share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import nan
from typing import TYPE_CHECKING, Any

import click

from hzdsl.cli.datacard import lenient_option
from hzdsl.cli.options import Decorator, assignments, together
from hzdsl.records import dataclass

if TYPE_CHECKING:
    from hzdsl.cli.inference.request import Request, Study


def names_in(text: str) -> tuple[str, ...]:
    """Return names separated by commas.

    Examples
    --------
    >>> names_in("lumi,rgx{jes_.{1,3}},MH")
    ('lumi', 'rgx{jes_.{1,3}}', 'MH')
    """
    found, depth, word = list[str](), 0, ""
    for c in text:
        depth += (c == "{") - (c == "}")
        if c == "," and depth <= 0:
            found.append(word)
            word = ""
        else:
            word += c
    return tuple(w.strip() for w in (*found, word) if w.strip())


def number_in(text: str, what: str) -> float:
    """Return the number that a text says."""
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"{what}: '{text}' is no number") from None


def values_in(texts: tuple[str, ...] | list[str], option: str) -> tuple[tuple[str, float], ...]:
    """Return ``NAME=VALUE`` pairs, separated by commas or given one by one.

    Examples
    --------
    >>> values_in(("r=1,lumi=0.5", "MH=125"), "--set")
    (('r', 1.0), ('lumi', 0.5), ('MH', 125.0))
    """
    found = []
    for text in (t for whole in texts for t in names_in(whole)):
        name, equals, value = text.rpartition("=")
        if not equals or not name:
            raise click.UsageError(f"{option}: '{text}' is not of the form NAME=VALUE")
        found.append((name.strip(), number_in(value, f"{option} {name}")))
    return tuple(found)


def range_in(text: str, option: str, between: str = ",") -> tuple[str, tuple[float, float]]:
    """Return ``NAME=LOW,HIGH``; a side that is left out stays as it is.

    Examples
    --------
    >>> range_in("r=-5,5", "--range")
    ('r', (-5.0, 5.0))
    """
    name, equals, both = text.rpartition("=")
    low, comma, high = both.partition(between)
    if not (equals and name and comma and (low.strip() or high.strip())):
        raise click.UsageError(f"{option}: '{text}' is not of the form NAME=LOW{between}HIGH")
    sides = (number_in(s, f"{option} {name}") if s.strip() else nan for s in (low, high))
    first, last = sides
    return name.strip(), (first, last)


_model = (
    click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
    click.option("-m", "--mass", type=float, metavar="MASS", help="What $MASS in names of histograms stands for."),
    click.option("--keyword-value", "keywords", multiple=True, metavar="WORD=VALUE", callback=assignments,
                 help="What $WORD in names of histograms stands for (may be repeated)."),
    click.option("--map", "maps", multiple=True, metavar="PATTERN:NAME[START,LOW,HIGH]",
                 help="Multiply signals whose CHANNEL/PROCESS matches by a parameter of their own (may be repeated): "
                      "--map '.*/ggH:r_ggH[1,0,5]'."),
    click.option("--production", metavar="MODES",
                 help="A signal strength for each of these ways of production: ggH,qqH."),
    click.option("--mask", "masks", multiple=True, metavar="CHANNEL", help="Leave a channel out (may be repeated)."),
    lenient_option,
    click.option("--bins", type=click.Choice(["integral", "centre"]), default="integral", show_default=True,
                 help="What densities of a card expect in bins of data; Combine takes the value in the middle."),
    click.option("--measurement", "--analysis", "choice", metavar="NAME",
                 help="Which measurement of a HistFactory document, or analysis of an HS3 document."),
    click.option("--patchset", metavar="FILE", help="A patchset for a HistFactory document."),
    click.option("--patch", metavar="NAME", help="Which patch of it is applied."),
    click.option("--shapesys", type=click.Choice(["relative", "absolute"]),
                 help="What the errors in an HS3 document are, where it does not follow from who wrote it."),
    click.option("--set", "values", multiple=True, metavar="NAME=VALUE",
                 help="Where a parameter starts, or stays (may be repeated)."),
    click.option("--range", "ranges", multiple=True, metavar="NAME=LOW,HIGH",
                 help="Where a parameter may go (may be repeated): --range r=-5,5."),
    click.option("--freeze", "fixed", multiple=True, metavar="NAMES",
                 help="Leave parameters at their values: a,b or rgx{jes_.*} or allConstrainedNuisances."),
    click.option("--freeze-group", "groups", multiple=True, metavar="GROUPS",
                 help="Leave all parameters of these groups at their values; ^GROUP: all but those. Statistics of "
                      "simulation is autoMCStats."),
    click.option("--fit-first", is_flag=True,
                 help="Fit before: what is frozen stays at its best values (Combine: --snapshotName MultiDimFit)."),
    click.option("--float", "floating", multiple=True, metavar="NAMES", help="Fit parameters that the model fixes."),
    click.option("--poi", "interest", multiple=True, metavar="NAMES",
                 help="The parameters of interest, instead of the model's."),
)  # fmt: skip
_data = (
    click.option("--asimov", is_flag=True, help="Analyse what is expected instead of the data."),
    click.option("--expect", "expected", multiple=True, metavar="[NAME=]VALUE",
                 help="Signal in what is expected (may be repeated): --asimov --expect 1."),
    click.option("--after-fit", "fitted", is_flag=True,
                 help="Nuisance parameters of what is expected are those fitted to the data."),
)  # fmt: skip
_output = (
    click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document."),
    click.option("-o", "--out", "folder", metavar="DIR", help="Write JSON, text and LaTeX into this folder."),
    click.option("--plots", is_flag=True, help="Also draw the result into the folder of --out."),
    click.option("--quiet", "-q", is_flag=True, help="No progress bar, no remarks."),
)  # fmt: skip
_random = (
    click.option("--seed", "-s", type=click.IntRange(0), default=1, show_default=True, help="Of random numbers."),
    click.option("--threads", "-j", type=click.IntRange(1), default=1, show_default=True,
                 help="Toys worked on at a time; results do not depend on it."),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Asked:
    """What the shared options say; `request` makes the record of it once the method is known."""

    stem: str
    said: dict[str, Any]

    def request(self, study: Study, toys: int | None = None) -> Request:
        """Return what is asked for; of `toys` data sets, else of the data or of Asimov data."""
        from hzdsl.cli.inference.request import Output, Request
        from hzdsl.stats.cards.shapes import Substitutions, keywords
        from hzdsl.stats.setup.adjusting import Adjustments
        from hzdsl.stats.setup.opening import Reading
        from hzdsl.stats.setup.pretended import ASIMOV, Pretended

        said = self.said
        masked = tuple((f"mask_{name}", 1.0) for name in said["masks"])
        return Request(
            said["inputs"],
            study,
            Reading(
                _physics(said["maps"], said["production"]),
                Substitutions(said["mass"], keywords(said["keywords"])),
                bool(masked),
                said["lenient"],
                said["bins"],
                said["choice"],
                said["patchset"],
                said["patch"],
                said["shapesys"],
            ),
            Adjustments(
                values=(*values_in(said["values"], "--set"), *masked),
                ranges=tuple(range_in(t, "--range") for t in said["ranges"]),
                fixed=_all(said["fixed"]),
                floating=_all(said["floating"]),
                groups=_all(said["groups"]),
                interest=_all(said["interest"]),
                fit_first=said["fit_first"],
            ),
            Pretended(ASIMOV if said.get("asimov") else toys or 0, _expected(said), said.get("fitted", False)),
            Output(said["as_json"], said["folder"], self.stem, said["quiet"], said["plots"]),
            said.get("seed", 1),
            said.get("threads", 1),
        )


def _all(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for text in texts for name in names_in(text))


def _expected(said: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """Return the parameters of pretended data; a number alone has no name, and is the signal strength."""
    texts = _all(said.get("expected", ()))
    alone = tuple(("", number_in(t, "--expect")) for t in texts if "=" not in t)
    return (*alone, *values_in([t for t in texts if "=" in t], "--expect"))


def _physics(maps: tuple[str, ...], production: str | None) -> Any:
    from hzdsl.stats.combine.physics import FloatingProduction, SignalStrength, multi_signal

    if maps and production:
        raise click.UsageError("--map and --production are two models: give one")
    if maps:
        return multi_signal(maps)
    return FloatingProduction(names_in(production)) if production else SignalStrength()


def study_options(stem: str, *, pretended: bool = True, random: bool = False) -> Decorator:
    """Return a decorator that gives a command the shared options, as one argument `asked`.

    Parameters
    ----------
    stem : str
        What its files are called.
    pretended : bool
        Whether it may be done on what is expected instead of the data.
    random : bool
        Whether it throws toys.
    """
    offered = together(*_model, *(_data if pretended else ()), *(_random if random else ()), *_output)
    names = [p.name for p in vars(offered(lambda: None))["__click_params__"]]

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(**said: Any) -> Any:
            shared = {name: said.pop(name) for name in names}
            if shared["plots"] and not shared["folder"]:
                raise click.UsageError("--plots are drawn into the folder of --out: give it")
            if shared["fit_first"] and not (shared["fixed"] or shared["groups"]):
                raise click.UsageError("--fit-first is for what is frozen: give --freeze or --freeze-group with it")
            if shared.get("expected") and not shared["asimov"] and stem != "toys":
                raise click.UsageError("--expect says what Asimov data have: give --asimov with it")
            return function(asked=Asked(stem, shared), **said)

        return offered(command)

    return add


def toys_option(what: str) -> Decorator:
    """Return the option for the toys of a method itself."""
    return click.option("--toys", type=click.IntRange(0), default=0, metavar="N", help=what)
