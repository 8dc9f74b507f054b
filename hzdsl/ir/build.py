"""Building nodes from operands that still differ in axis, dtype or unit: lift, cast, rescale, then `make`.

Both surfaces (Python and text) come through here. A rule of the language that is about operands in general stands
here once; what is particular to one operation stands in its declaration in `hzdsl.ir.ops`.
"""

from hzdsl.ir.building.leaves import Number, const, const_value, param, plain_const
from hzdsl.ir.building.operands import (
    axis_of,
    cast,
    common_axis,
    in_slot,
    kind_of,
    lift,
    need_numbers,
    on_common_axis,
    plain,
    same_unit,
    to_unit,
)
from hzdsl.ir.building.operations import (
    absolute,
    arithmetic,
    bits,
    compare,
    faddeeva,
    function,
    function2,
    logic,
    neg,
    not_equal,
    otherwise,
    power,
    vary,
    where,
)

__all__ = [
    "Number",
    "absolute",
    "arithmetic",
    "axis_of",
    "bits",
    "cast",
    "common_axis",
    "compare",
    "const",
    "const_value",
    "faddeeva",
    "function",
    "function2",
    "in_slot",
    "kind_of",
    "lift",
    "logic",
    "need_numbers",
    "neg",
    "not_equal",
    "on_common_axis",
    "otherwise",
    "param",
    "plain",
    "plain_const",
    "power",
    "same_unit",
    "to_unit",
    "vary",
    "where",
]
