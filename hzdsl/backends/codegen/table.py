"""The table of operations: how the compiled backend emits each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hzdsl.backends.codegen.chains import CHAIN_ROWS
from hzdsl.backends.codegen.combinations import CHOICE_ROWS
from hzdsl.backends.codegen.listing import LISTED_ROWS
from hzdsl.backends.codegen.loops import LOOP_ROWS
from hzdsl.backends.codegen.rows_logic import LOGIC_ROWS
from hzdsl.backends.codegen.rows_reductions import REDUCTION_ROWS
from hzdsl.backends.codegen.rows_references import REFERENCE_ROWS
from hzdsl.backends.codegen.rows_scalar import SCALAR_ROWS
from hzdsl.backends.codegen.rows_tables import TABLE_ROWS

#: One row per operation of `hzdsl.ir.ops`: those that make an axis emit a loop, the others a value.
ROWS: Mapping[str, Any] = MappingProxyType(
    {
        **LOOP_ROWS,
        **LISTED_ROWS,
        **CHOICE_ROWS,
        **CHAIN_ROWS,
        **REFERENCE_ROWS,
        **REDUCTION_ROWS,
        **SCALAR_ROWS,
        **LOGIC_ROWS,
        **TABLE_ROWS,
    }
)
