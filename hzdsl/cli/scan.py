"""``hzdsl scan``."""

from __future__ import annotations

import click

from hzdsl.cli.inference.options import Asked, study_options


@click.command("scan", short_help="Scan the likelihood over one or two parameters.")
@click.option("--points", type=click.IntRange(1), default=50, show_default=True, help="How many, in all.")
@click.option("--edges", is_flag=True, help="Put the first and the last point at the ends of the range.")
@click.option("--contour", is_flag=True, help="Follow the contour of two parameters instead of a grid.")
@click.option("--cl", "level", type=click.FloatRange(0, 1, min_open=True, max_open=True),
              help="Probability inside of a contour [default: 0.683] or a region [default: 0.95].")  # fmt: skip
@click.option("--feldman-cousins", "feldman", is_flag=True, help="Test each point with toys: Feldman and Cousins.")
@click.option("--toys", type=click.IntRange(1), metavar="N", help="Toys at each point [default: 500].")
@study_options("scan", random=True)
def command(
    *, asked: Asked, points: int, edges: bool, contour: bool, level: float | None, feldman: bool, toys: int | None
) -> None:
    """Scan the likelihood over one or two parameters, the others profiled: at the centres of bins between their bounds.

    INPUT is a datacard of Combine, or several as NAME=CARD, or a HistFactory or HS3 document. The parameters are those
    of interest, or --poi, and --range says from where to where.

    \b
    Examples:
      hzdsl scan card.txt --range r=0,3 --points 30
      hzdsl scan card.txt --poi r,lumi --points 400 --out results
      hzdsl scan card.txt --map '.*/ggH:a[1,0,5]' --map '.*/qqH:b[1,0,9]' --contour
      hzdsl scan card.txt --range r=0,3 --points 12 --feldman-cousins --toys 500
    """
    from hzdsl.cli.inference.doing import do
    from hzdsl.cli.inference.request import Study
    from hzdsl.cli.inference.scans import Contour, Grid, Region, Scan
    from hzdsl.stats.methods.feldman_cousins import LEVEL

    if contour and feldman:
        raise click.UsageError("--contour and --feldman-cousins are two methods: give one")
    if level is not None and not (contour or feldman):
        raise click.UsageError("--cl is of a contour or a region: give --contour or --feldman-cousins with it")
    if toys is not None and not feldman:
        raise click.UsageError("--toys are those of --feldman-cousins: give it with them")
    if edges and contour:
        raise click.UsageError("--edges is of a grid, which --contour has none of: leave one out")
    grid = Grid(points=points, edges=edges)
    study: Study = Scan(grid)
    if contour:
        study = Contour(points=points, level=level)
    elif feldman:
        study = Region(grid, toys or 500, LEVEL if level is None else level)
    do(asked.request(study))
