"""``hzdsl toys``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, study_options


@click.command("toys", short_help="Throw toys of a model: fit them, keep them, find their limits.")
@click.option("--toys", type=click.IntRange(1), default=100, show_default=True, metavar="N", help="How many.")
@click.option("--of", "what", type=click.Choice(["fit", "limit", "significance", "gof", "data"]), default="fit",
              show_default=True, help="What is done with each; data: they are kept.")  # fmt: skip
@click.option("--varied", is_flag=True,
              help="Draw nuisance parameters for each toy, instead of global observables.")  # fmt: skip
@study_options("toys", random=True)
def command(*, asked: Asked, toys: int, what: str, varied: bool) -> None:
    """Throw toys of a model and fit them: whether the result is biased, and how often its interval holds the truth.

    In each toy counts are random, and so is what was measured of nuisance parameters (global observables); these
    parameters are nominal, or those fitted to the data (--after-fit).

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl toys card.txt --toys 500 --expect 1 --range r=-5,10 -j 2
      hzdsl toys card.txt --of limit --expect 0
      hzdsl toys card.txt --of data --toys 10 --after-fit --out toys
    """
    from dataclasses import replace

    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.limits import Limit
    from hzdsl.cli.inference.request import Study
    from hzdsl.cli.inference.studies import Fit, Goodness, Significance
    from hzdsl.cli.inference.toys import Generate
    from hzdsl.stats.setup.pretended import Systematics

    studies: dict[str, Study] = {
        "fit": Fit(), "limit": Limit(), "significance": Significance(), "gof": Goodness(), "data": Generate(),
    }  # fmt: skip
    request = asked.request(studies[what], toys)
    if varied and request.pretended.fitted:
        raise click.UsageError("--varied draws nuisance parameters, --after-fit leaves them as fitted: give one")
    systematics: Systematics = "varied" if varied else "centers"
    do(replace(request, pretended=replace(request.pretended, systematics=systematics)))
