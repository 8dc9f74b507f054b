"""``hzdsl gof``."""

from __future__ import annotations

from typing import Any

import click

from hzdsl.cli.inference.options import Asked, study_options, toys_option


@click.command("gof", short_help="Test how well a model describes its data.")
@click.option("--test", "statistic", type=click.Choice(["saturated", "ks", "ad"]), default="saturated",
              show_default=True, help="Saturated model, Kolmogorov-Smirnov, Anderson-Darling.")  # fmt: skip
@toys_option("Toys of the fitted model, for the p-value.")
@study_options("gof", random=True)
def command(*, asked: Asked, statistic: Any, toys: int) -> None:
    """Test how well a model describes its data, with a p-value from toys.

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document.

    \b
    Examples:
      hzdsl gof card.txt --toys 500 -j 2
      hzdsl gof card.txt --test ks --toys 500 --seed 7
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.studies import Goodness

    do(asked.request(Goodness(statistic, toys)))
