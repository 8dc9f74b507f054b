"""``hzdsl impacts``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, names_in, study_options


@click.command("impacts", short_help="Rank nuisance parameters by what they do to the result.")
@click.option("--named", metavar="NAMES", help="Only these nuisance parameters: a,b.")
@click.option("--breakdown", is_flag=True, help="Also show the uncertainty by source.")
@study_options("impacts")
def command(*, asked: Asked, named: str | None, breakdown: bool) -> None:
    """Rank nuisance parameters by how far they move the result, with their pulls and constraints; groups as a whole.

    Each is set to both ends of its own interval, and all others are fitted again: down and up are the shifts of the
    result. ρσ is the shift of one standard deviation upwards as the covariance of the fit has it (correlation times
    error of the result): where it differs, the likelihood is not parabolic. INPUT is a datacard of Combine, or
    several as NAME=CARD, or a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl impacts card.txt --range r=-5,5
      hzdsl impacts card.txt --asimov --expect 1 --breakdown
      hzdsl impacts card.txt --named lumi,jes --json
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Impacts

    do(asked.request(Impacts(names_in(named or ""), breakdown)))
