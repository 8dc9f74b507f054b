"""Both backends on the same entries: nothing is found where they agree, and every kind of fault has a name."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hzdsl.run import backend_of, of_files
from hzdsl.run.compare import compare, spread
from hzdsl.run.options import Options
from hzdsl.run.program.parameters import resolve
from tests.run.muons import document


@given(st.integers(0, 1000), st.integers(1, 1200))
def test_spread_never_overlaps(entries, wanted):
    ranges = spread(entries, wanted)
    flat = [x for r in ranges for x in range(*r)]
    assert flat == sorted(set(flat))
    assert not flat or flat[-1] < entries


def test_compare(events):
    doc = of_files(document(), (str(events),))
    pair = backend_of("interpret"), backend_of("codegen")
    found = compare(doc, resolve(doc, {}), pair, Options(pair[0], tables=True), 400)
    assert (found.entries, found.differences) == (400, ())


class Wrong:
    """The interpreter with one fault of every kind."""

    name = "wrong"

    def compile(self, program):
        kernel = backend_of("interpret").compile(program)

        class Kernel:
            working_bytes = kernel.working_bytes

            def run(self, chunk, parameters, tables=False):
                partial = kernel.run(chunk, parameters, tables)
                partial.passed[0][0] += 1
                partial.counts[0][3] += 1
                partial.nans[1] += 1
                if tables:
                    table = partial.tables[1]
                    table.columns[3] = (
                        np.where(np.arange(len(table.entry)) == 2, -0.0, table.columns[3][0]),
                        table.columns[3][1],
                    )
                    partial.tables[0].entry = partial.tables[0].entry[1:]
                    partial.tables[0].columns = [
                        (v[1:], m if m is None else m[1:]) for v, m in partial.tables[0].columns
                    ]
                return partial

        return Kernel()


def test_compare_finds_and_names(events):
    doc = of_files(document(), (str(events),))
    pair = backend_of("interpret"), Wrong()
    found = compare(doc, resolve(doc, {}), pair, Options(pair[0], tables=True), 10_000)
    text = "\n".join(found.differences)
    assert "region pair, cut 'two muons': interpret 364, wrong 365 events" in text
    assert "histogram pair/mass, bin 2: interpret" in text
    assert "histogram every/n: interpret 0, wrong 1 NaNs" in text
    assert "selected by interpret only" in text
    assert len(found.differences) in (4, 5)
    assert all(d.startswith(f"{events}, entries 0 to 999: ") for d in found.differences)
