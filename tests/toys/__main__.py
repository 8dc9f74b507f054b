"""``python -m tests.toys``: 1000 toys of each model and 500 samples of candidates, written as a table that is kept."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from hzdsl.results.serialise import plain
from hzdsl.stats.methods.coverage import Coverage
from hzdsl.stats.methods.toys import How
from tests.toys.studies import COVERAGE, MEAN, MODELS, TOYS, WIDTH, complaints, from_events, of_model

HERE = Path(__file__).parent
HEADING = f"""# Coverage

Toys of each model are thrown at the truth and fitted; `make toys` writes this table again, from the same seeds. A pull is
(fit - truth)/error, the error being that of the side on which the truth is. Asked for are a mean of 0 ± {MEAN}, a width of
1 ± {WIDTH}, and that 68.3 ± {100 * COVERAGE:.0f} % of intervals contain the truth, of 1000 toys.

`peak`, `templates` and `counting` are the models of `models.py`, their intervals MINOS's. `weighted candidates` are samples
of analyses/bsmm with weights of one over an efficiency, selected and fitted as there; their intervals are those of the profile,
its rises as they count with weights (`hzdsl/stats/fits/weighted.py`), and measurements of the eight nuisance parameters are drawn, too.
Their first run had symmetric errors, with which the pulls of nsig have a mean of -0.101: the error grows with the yield.

| model | seed | parameter | truth | toys | failed | mean of pulls | width | coverage |
|---|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Throw, print, write; return 1 where something is out of bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.toys", description=__doc__)
    parser.add_argument("--toys", type=int, default=TOYS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "coverage.md", help="beside it goes its JSON")
    given = parser.parse_args()
    found = []
    for name in (*MODELS, "weighted candidates"):
        before = time.perf_counter()
        found.append(_one(name, given.toys, given.seed))
        print(found[-1].text(), f"{time.perf_counter() - before:.0f} s", sep="", flush=True)
    given.output.write_text(HEADING + "".join(_lines(found)), encoding="utf-8")
    text = json.dumps(plain([c.data() for c in found]), indent=1, ensure_ascii=False)
    given.output.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    said = [s for c in found for s in complaints(c, TOYS if c.model in MODELS else TOYS // 2)]
    print("\n".join(said) or "all within bounds")
    return 1 if said else 0


def _one(name: str, toys: int, seed: int) -> Coverage:
    if name in MODELS:
        return of_model(name, How(toys, seed))
    return from_events(How(toys // 2, seed))


def _lines(found: Iterable[Coverage]) -> Iterable[str]:
    for study in found:
        for c in study.parameters:
            cells = (
                study.model,
                str(study.seed),
                c.name,
                f"{c.truth:.6g}",
                str(c.toys),
                str(sum(study.failures.values())),
                f"{c.mean:+.3f}",
                f"{c.width:.3f}",
                f"{100 * c.coverage:.1f} ± {100 * c.coverage_error:.1f} %",
            )
            yield f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main())
