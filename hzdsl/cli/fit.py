"""``hzdsl fit``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, names_in, study_options


@click.command("fit", short_help="Fit a model to its data: values, errors, intervals.")
@click.option("--minos", default="poi", show_default=True, metavar="NAMES",
              help="Intervals of the profile for these parameters: a,b or all, poi, none.")  # fmt: skip
@click.option("--background", is_flag=True, help="Also fit without signal, and compare the nuisance parameters.")
@click.option("--nuisances", is_flag=True, help="Also show pulls and constraints of all parameters.")
@click.option("--correlations", is_flag=True, help="Also show the strongest correlations.")
@click.option("--yields", is_flag=True, help="Also show the events expected before and after the fit.")
@click.option("--strategy", type=click.IntRange(0, 2), default=1, show_default=True, help="MIGRAD's.")
@study_options("fit")
def command(
    *, asked: Asked, minos: str, background: bool, nuisances: bool, correlations: bool, yields: bool, strategy: int
) -> None:
    """Fit a model to its data: best values with errors from the exact second derivatives, intervals from the profile.

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document. The exit status is 7
    where the fit does not converge, ends at a bound, or does not determine a parameter.

    \b
    Examples:
      hzdsl fit card.txt -m 125
      hzdsl fit card.txt --range r=-5,5 --minos all --nuisances
      hzdsl fit sr=sr.txt cr=cr.txt --asimov --expect 1 --background
      hzdsl fit card.txt --freeze "lumi,rgx{jes_.*}" --out results
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Fit

    do(asked.request(Fit(names_in(minos), background, nuisances, correlations, yields, strategy)))
