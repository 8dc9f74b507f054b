"""``hzdsl limit``."""

from __future__ import annotations

from typing import Any

import click

from hzdsl.cli.inference.options import Asked, names_in, number_in, study_options, toys_option


@click.command("limit", short_help="Find the upper limit on a signal, by CLs.")
@click.option("--cl", "level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
              show_default=True, help="Confidence level.")  # fmt: skip
@click.option("--run", "run_what", type=click.Choice(["both", "observed", "expected", "blind"]), default="both",
              show_default=True,
              help="What is shown; blind: expected before any fit, the data are not looked at.")  # fmt: skip
@click.option("--at", type=float, metavar="VALUE", help="Only test this value of the parameter.")
@toys_option("Toys with and without signal at each point, instead of asymptotic formulae.")
@click.option("--points", metavar="VALUES", help="Where toys are thrown: 0.5,1,1.5 [default: around the asymptotic].")
@click.option("--cls-accuracy", "accuracy", type=click.FloatRange(0), metavar="ERROR",
              help="Throw more toys next to the limit, or --at a value, until CLs has this error: twice as many "
                   "at most, --at 20 times. 0: no more than --toys [default: 0.005 of limits, 0 of --at].")  # fmt: skip
@study_options("limit", random=True)
def command(
    *,
    asked: Asked,
    level: float,
    run_what: Any,
    at: float | None,
    toys: int,
    points: str | None,
    accuracy: float | None,
) -> None:
    """Find the upper limit on a signal by CLs: observed, and expected without signal with its bands.

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl limit card.txt
      hzdsl limit card.txt --run blind -m 125
      hzdsl limit card.txt --toys 2000 -j 2 --seed 7
      hzdsl limit card.txt --at 1
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Limit

    for option, said in (("--points", points), ("--cls-accuracy", accuracy)):
        if said is not None and not toys:
            raise click.UsageError(f"{option} says where and how many toys are thrown: give --toys with it")
    if run_what == "blind" and asked.said["expected"]:
        raise click.UsageError("--run blind is of what is expected without signal: leave --expect out")
    values = tuple(number_in(t, "--points") for t in names_in(points or ""))
    do(asked.request(Limit(level, toys, values, at, accuracy, run_what)))
