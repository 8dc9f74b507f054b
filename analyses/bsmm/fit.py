"""From a file of candidates to the result: fit, scan, significances, uncertainties, pictures.

    python -m analyses.bsmm.fit bsmm.root -o bsmm-fit --toys 1000 --seed 1

Into the folder go result.json, mass.png and scan.png.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from analyses.bsmm.candidates import Candidates, select
from analyses.bsmm.inference import (
    Breakdown,
    Fitted,
    WeightedLikelihood,
    asymptotic,
    breakdown,
    fitted,
    from_toys,
    nuisances,
    of_known_shape,
    profile_scan,
)
from analyses.bsmm.model import CHANNEL
from analyses.bsmm.systematics import Systematics, read_systematics
from hzdsl.errors import HzdslError
from hzdsl.io.sinks import write_text
from hzdsl.records import dataclass
from hzdsl.results.text import TextTable
from hzdsl.stats.likelihood import Rows
from hzdsl.stats.methods.scans import Scan
from hzdsl.stats.methods.significance import Significance, ToySignificance
from hzdsl.stats.methods.toys import How
from hzdsl.stats.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEV = 1000.0  # in a GeV, in which masses are selected
BINS = 90  # of the picture: of 10 MeV, which its label says


@dataclass(frozen=True, eq=False)
class Study(Record):
    """Everything that comes out; the significances are those of a peak whose shape is known."""

    fit: Fitted
    theta: TextTable
    uncertainties: Breakdown
    scan: Scan
    significance: Significance
    toys: ToySignificance | None

    def tables(self) -> tuple[TextTable, ...]:
        """Return the tables, without the points of the scan."""
        return (
            *self.fit.tables(),
            self.theta,
            *self.uncertainties.tables(),
            _ends(self.scan),
            *self.significance.tables(),
            *(self.toys.found.tables() if self.toys else ()),
        )


def likelihood_of(candidates: Candidates, known: Systematics) -> WeightedLikelihood:
    """Return -ln L of candidates."""
    return WeightedLikelihood(known, candidates.mass * MEV, candidates.weight)


def study(likelihood: WeightedLikelihood, known: Systematics, how: How | None = None) -> Study:
    """Do everything; toys where it is said how."""
    found, shape = fitted(likelihood), of_known_shape(likelihood)
    return Study(
        found,
        nuisances(known, found),
        breakdown(likelihood, known, found),
        profile_scan(likelihood, found),
        asymptotic(shape),
        from_toys(shape, how) if how else None,
    )


def _ends(found: Scan) -> TextTable:
    names = zip(("68.3 %", "95 %"), ("1.00", "3.84"), found.intervals, strict=True)
    rows = tuple((name, level, f"{i.low:.1f}", f"{i.high:.1f}") for name, level, i in names)
    return TextTable("profile of nsig", ("", "-2 Δln L", "from", "to"), rows)


def pictures(found: Study, likelihood: WeightedLikelihood) -> dict[str, Figure]:
    """Return the mass with the fit, its parts and pulls, and the scan of nsig."""
    from hzdsl.plot.inference import plot_rows, plot_scan, subject_of

    (channel,), rows = likelihood.model.channels, likelihood.observation.channels[CHANNEL]
    assert isinstance(rows, Rows)
    about, values = subject_of(likelihood), found.fit.result.named()
    return {
        "mass": plot_rows(channel, rows, values, bins=BINS, subject=about),
        "scan": plot_scan(found.scan, subject=about),
    }


def write(found: Study, likelihood: WeightedLikelihood, folder: Path) -> None:
    """Write result.json, mass.png and scan.png."""
    from hzdsl.plot.inference import write_figures

    write_figures(pictures(found, likelihood).items(), folder)
    write_text(folder / "result.json", found.to_json(indent=1) + "\n")


def main() -> int:
    """Read, fit, print, write; return 1 where that cannot be done."""
    known = argparse.ArgumentParser(prog="python -m analyses.bsmm.fit", description=__doc__.split("\n", 1)[0])
    known.add_argument("files", nargs="+")
    known.add_argument("-o", "--output", type=Path, default=Path("bsmm-fit"), help="folder [%(default)s]")
    known.add_argument("--toys", type=int, default=0, help="without signal, for the p-value [none]")
    known.add_argument("--seed", type=int, default=1, help="of the toys [%(default)s]")
    given = known.parse_args()
    try:
        systematics = read_systematics()
        likelihood = likelihood_of(select(given.files)[0], systematics)
        found = study(likelihood, systematics, How(given.toys, given.seed) if given.toys else None)
        write(found, likelihood, given.output)
    except HzdslError as error:
        print(error, file=sys.stderr)
        return 1
    print(found.text(), f"written: {given.output}/result.json, mass.png, scan.png", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
