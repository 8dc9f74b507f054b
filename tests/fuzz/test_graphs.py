"""Random programs as bytes: made anew, node by node, they give the same bits."""

from __future__ import annotations

import gc
import weakref

import pytest

from hzdsl.backends.codegen import CodegenBackend
from hzdsl.backends.interpret import InterpretBackend
from hzdsl.ir.node import topological
from hzdsl.ir.packed import pack, unpack
from hzdsl.run.cluster.messages import PROGRAM
from tests.backends.compare import differences
from tests.fuzz.choosers import seeded
from tests.fuzz.programs import PARAMETERS, random_case

#: Of so many nodes at most (the number of pairs of jets) are those that stand in modules of tests, too.
SIMPLE = 6


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_a_program_made_anew_gives_the_same_bits(seed: int) -> None:
    case = random_case(seeded(seed))
    data, chunk = pack(case.program), case.chunk
    before = InterpretBackend().compile(case.program).run(chunk, PARAMETERS, tables=True)
    roots = weakref.WeakSet(case.program.roots())
    del case
    gc.collect()
    # Nothing is found in the table of nodes, so types are inferred again (other modules keep simple nodes alive).
    assert not {n for n in roots if len(topological([n])) > SIMPLE}
    program = unpack(data, PROGRAM)
    assert pack(program) == data
    backend = InterpretBackend() if seed % 10 else CodegenBackend()
    assert differences(program, before, backend.compile(program).run(chunk, PARAMETERS, tables=True)) == []
