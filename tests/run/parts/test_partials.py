"""Partial results as data: bytes and back, sums in any order, ranges of entries."""

from __future__ import annotations

import random
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzdsl import HzdslError
from hzdsl.backends.base import Partial
from hzdsl.io.opening import open_source
from hzdsl.run.inputs.chunks import entry_ranges, read_chunk
from hzdsl.run.inputs.columns import plan_reads
from hzdsl.run.parts.packing import from_bytes, to_bytes
from hzdsl.run.parts.partials import Part, Sum, nothing, placed, together
from hzdsl.run.program.bind import bind
from hzdsl.run.spans import common, count, joined, without
from tests.run.muons import document, weighted

ENTRIES = 1000


@pytest.fixture(params=["plain", "weighted"])
def program(request):
    """One with outputs that can be missing, or one with weights, variations and regions to be apart."""
    doc = document() if request.param == "plain" else weighted()
    return bind(doc, {}, tables=True, kind="simulation").program


@pytest.fixture
def parts(program, events, backend):
    """The entries of a file in ten parts, tables included."""
    kernel = backend.compile(program)
    with open_source(str(events)) as source:
        reads = plan_reads(source, program)
        return [
            placed(3, start, kernel.run(read_chunk(source, reads, start, stop), {}, tables=True))
            for start, stop in entry_ranges(ENTRIES, 100)
        ]


def flat(x):
    """Everything in a part, arrays with their types."""
    if isinstance(x, np.ndarray):
        return x.dtype.str, x.shape, x.tobytes()
    if isinstance(x, list | tuple):
        return [flat(y) for y in x]
    return [flat(getattr(x, f.name)) for f in fields(x)] if hasattr(x, "__dataclass_fields__") else x


def test_bytes_and_back(parts):
    for part in (*parts, Part(1, (), nothing(bind(document(), {}).program))):
        again = from_bytes(to_bytes(part))
        assert flat(again) == flat(part)
        assert to_bytes(again) == to_bytes(part)


def test_sums_have_no_order(program, parts):
    whole = together(program, parts)
    assert whole.ranges == ((0, ENTRIES),)
    assert whole.partial.entries == ENTRIES
    kept = [to_bytes(p) for p in parts]
    for seed in range(5):
        mixed = random.Random(seed).sample(parts, len(parts))
        halves = together(program, mixed[:4]), together(program, mixed[4:])
        assert flat(together(program, halves)) == flat(whole)
    assert [to_bytes(p) for p in parts] == kept  # what is added is not changed
    entries = whole.partial.tables[0].entry
    assert len(entries) > 100
    assert np.all(np.diff(entries) > 0)


def test_overlapping_regions_are_counted_from_the_first_entry(parts, program):
    if not program.apart:
        return
    (n, first), whole = parts[4].partial.overlaps[0], together(program, parts).partial.overlaps[0]
    assert 400 <= first < 500
    assert whole[0] > n > 0
    assert whole[1] == min(p.partial.overlaps[0, 1] for p in parts)


def test_nothing_is_added_twice(program, parts):
    total = Sum(3, program, tables=True)
    total.add(parts[0])
    with pytest.raises(AssertionError, match="from 0 to 100 are counted twice"):
        total.add(parts[0])
    with pytest.raises(AssertionError, match="sample 3 added to sample 2"):
        Sum(2, program, tables=True).add(parts[0])


def test_damaged_bytes_are_refused(parts):
    data = to_bytes(parts[0])
    damaged = [data[:n] for n in (0, 3, 11, 27, len(data) - 1)] + [data + b"x"]
    for at in [*range(60), *range(60, len(data), 997)]:
        damaged.append(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    for bad in damaged:
        with pytest.raises(HzdslError, match="slice 1 is damaged") as e:
            from_bytes(bad, "slice 1")
        assert e.value.code == "file-truncated"


def test_every_field_is_packed():
    """A new field of a partial result has to be added up and packed, too."""
    assert [f.name for f in fields(Partial)] == [
        "entries", "passed", "counts", "nans", "tables", "dumps", "accepted", "flows", "sums", "overlaps",
    ]  # fmt: skip


some_ranges = st.sets(st.integers(0, 30)).map(lambda s: joined((), tuple((x, x + 1) for x in s)))


def entries_of(ranges):
    return {x for r in ranges for x in range(*r)}


@given(some_ranges, some_ranges)
def test_ranges_are_sets_of_entries(a, b):
    assert entries_of(common(a, b)) == entries_of(a) & entries_of(b)
    assert entries_of(without(a, b)) == entries_of(a) - entries_of(b)
    assert entries_of(joined(without(a, b), b)) == entries_of(a) | entries_of(b)
    for made in (a, common(a, b), without(a, b), joined(without(a, b), b)):
        assert count(made) == len(entries_of(made))
        assert all(e < s for (_, e), (s, _) in pairwise(made))
