"""From cards to the result: signal strength, fits with and without signal, pulls, shapes, expected significance.

    python -m analyses.hww.fit Combine/combined_datacard.txt -o hww-fit

does what the seed's two commands do (FitDiagnostics, Significance -t -1 --expectSignal=1) with the default card of
`analyses.hww.cards`. Into the folder go result.json, fitDiagnostics.root with the shapes before and after both fits in
folders named as Combine's (shapes_prefit, shapes_fit_b, shapes_fit_s), and pictures of shapes and pulls.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.io.histograms import StoredHistogram, write_histograms
from hzdsl.io.sinks import write_text
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.fits.fit import fit
from hzdsl.stats.fits.yields import Yields
from hzdsl.stats.likelihood import Likelihood
from hzdsl.stats.methods.diagnostics import Diagnostics, diagnostics
from hzdsl.stats.methods.significance import Significance, significance
from hzdsl.stats.record import Record
from hzdsl.stats.setup.opening import Opened, opened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POI = "r"
#: Where the fit of the expectation starts, which has to come back to 1.
START, EXPECTED = 0.3, 1.0
#: The expected distance to the minimum, -ln L, at which it ends: (1.4e-6 errors)²/2, less than 1e-6 of r.
GOAL = 1e-12


@dataclass(frozen=True, eq=False)
class Returned(Record):
    """What became of fits of the expectation that started elsewhere: the greatest |r - 1|, and where from."""

    seed: int
    starts: int
    farthest: float

    def tables(self) -> tuple[TextTable, ...]:
        """Return one table."""
        rows = (("starts", str(self.starts)), ("seed", str(self.seed)), ("greatest |r - 1|", f"{self.farthest:.1e}"))
        title = f"-t -1 --expectSignal=1, from r = {START}, nuisance parameters at random"
        return (TextTable(title, ("", ""), rows),)


@dataclass(frozen=True, eq=False)
class Study(Record):
    """Everything that comes out."""

    fits: Diagnostics
    expected: Significance
    returned: Returned

    def tables(self) -> tuple[TextTable, ...]:
        """Return the fit with signal, the parameters of both fits, the expected significance, and the way back."""
        return (*self.fits.tables()[:3], *self.expected.tables(), *self.returned.tables())


def expectation(likelihood: Likelihood) -> Likelihood:
    """Return the likelihood given what is expected with r = 1, nuisance parameters as before any fit."""
    at = likelihood.parameters.values.copy()
    at[likelihood.parameters.index(POI)] = EXPECTED
    return likelihood.given(likelihood.asimov(at, profiled=False))


def returned(likelihood: Likelihood, seed: int, starts: int = 10) -> Returned:
    """Fit the expectation from r = 0.3, nuisance parameters one standard deviation up or down at random.

    Raises
    ------
    HzdslError
        ``fit`` where one does not converge.
    """
    parameters, asimov = likelihood.parameters, expectation(likelihood)
    rng = np.random.Generator(np.random.PCG64(seed))
    found = []
    for _ in range(starts):
        start = parameters.values + rng.choice([-1.0, 1.0], len(parameters)) * parameters.steps
        start[parameters.index(POI)] = START
        result = fit(asimov, start=start, goal=GOAL)
        if not result.valid:
            raise HzdslError("fit", f"the fit of the expectation failed: {result.status}", fix="see hzdsl fit")
        found.append(abs(result.value(POI) - EXPECTED))
    return Returned(seed, starts, max(found))


def study(likelihood: Likelihood, seed: int = 1) -> Study:
    """Do everything."""
    expected = significance(expectation(likelihood), POI)
    return Study(diagnostics(likelihood, POI), expected, returned(likelihood, seed))


def shapes(fits: Diagnostics) -> list[StoredHistogram]:
    """Return the shapes with their uncertainties, on an axis of bin numbers, as Combine has them."""
    folders = {"prefit": fits.before, "fit_b": fits.after_background, "fit_s": fits.after_signal}
    found = []
    for folder, yields in folders.items():
        found += [] if yields is None else _shapes(folder, yields)
    return found


def _shapes(folder: str, yields: Yields) -> list[StoredHistogram]:
    return [
        StoredHistogram(
            edges=(np.arange(len(y.values) + 1.0),),
            values=np.pad(y.values, 1),
            variances=np.pad(y.errors**2, 1),
            name=f"shapes_{folder}/{channel}/{process}",
            title=process,
        )
        for channel, processes in yields.channels.items()
        for process, y in processes.items()
    ]


def pictures(found: Study, model: Opened) -> Iterator[tuple[str, Figure]]:
    """Yield pulls, correlations, and the shapes of each region before and after both fits."""
    from hzdsl.plot.inference import figures, subject_of

    yield from figures(found.fits, subject_of(model.likelihood, model.channels))


def write(found: Study, folder: Path) -> None:
    """Write result.json and fitDiagnostics.root."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "result.json", found.to_json(indent=1) + "\n")
    write_histograms(folder / "fitDiagnostics.root", shapes(found.fits))


def main() -> int:
    """Read, fit, print, write; return 1 where that cannot be done, or fits are no use."""
    known = argparse.ArgumentParser(prog="python -m analyses.hww.fit", description=__doc__.split("\n", 1)[0])
    known.add_argument("card")
    known.add_argument("-o", "--output", type=Path, default=Path("hww-fit"), help="folder [%(default)s]")
    known.add_argument("--seed", type=int, default=1, help="of the starts [%(default)s]")
    given = known.parse_args()
    from hzdsl.plot.inference import write_figures

    try:
        model = opened([given.card])
        found = study(model.likelihood, given.seed)
        write(found, given.output)
        write_figures(pictures(found, model), given.output)
    except HzdslError as error:
        print(error, file=sys.stderr)
        return 1
    print(found.text(), f"written: {given.output}/result.json, fitDiagnostics.root, pictures", sep="\n")
    return 0 if found.fits.valid else 1


if __name__ == "__main__":
    sys.exit(main())
