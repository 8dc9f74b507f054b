"""For every operation, programs that use it: what the equality and mutation tests run.

A case is a list of nodes to dump. Each family runs over the dtypes and axes on which its operation is defined.
"""

from __future__ import annotations

from collections.abc import Callable

from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.ops import BITS, MATH, PARTS
from hzdsl.ir.types import DType
from tests.backends import tables
from tests.backends.ragged import collection, column

NUMERIC = ("i32", "i64", "u32", "u64", "f32", "f64")
FLOATING = ("f32", "f64")
INTEGER = ("i32", "i64", "u32", "u64")
OWNERS = ("", "Muon")


def muon(attr: str) -> Node:
    return column("Muon", attr)


def mass() -> Node:
    """An f64 value along the muons."""
    return muon("f64_s")


def hard() -> Node:
    """A selection of muons."""
    return members.select(collection("Muon"), build.compare("lt", build.const(10), muon("pt")))


def pairs() -> Node:
    return make("choose", collection("Muon"), n=2)


def pair_value(attr: str = "f64_s") -> Node:
    """A value along the pairs: the sum over the legs."""
    legs = [members.take(muon(attr), make("leg", pairs(), k=k)) for k in (0, 1)]
    return build.arithmetic("add", *legs)


def missing(attr: str) -> Node:
    """A value per event that is missing where there are fewer than two muons."""
    return members.take(muon(attr), second())


def second() -> Node:
    return make("nth", collection("Muon"), i=1)


def sometimes(attr: str) -> Node:
    """A value along the muons that some of them have: of their least jet that is below them."""
    each = make("per", collection("Jet"), collection("Muon"))
    jet = members.take(column("Jet", "f32_t"), make("under", each))
    below = members.select(each, build.compare("lt", jet, muon("f32_t")))
    under = members.take(make("under", each), build.lift(make("self", each), below))
    nearest = members.pick(below, (build.lift(jet, below),), "argmin")
    return members.take(members.take(column("Jet", attr), under), nearest)


def positions(axis: Node) -> list[Node]:
    """Show an axis: what each position is made of, and how many there are."""
    return [make("self", axis), make("count", axis)]


def binary(op: str, dtypes: tuple[str, ...]) -> list[Node]:
    found = []
    for owner in OWNERS:
        for d in dtypes:
            for a, b in (("a", "b"), ("t", "a"), ("t", "t")):
                found.append(make(op, column(owner, f"{d}_{a}"), column(owner, f"{d}_{b}")))
        found.append(make(op, missing(f"{dtypes[0]}_a"), column("", f"{dtypes[0]}_b")))
    return found


def unary(op: str, dtypes: tuple[str, ...], **attrs: str) -> list[Node]:
    columns = [column(owner, f"{d}_{k}") for owner in OWNERS for d in dtypes for k in "at"]
    return [make(op, x, **attrs) for x in [*columns, missing(f"{dtypes[0]}_a")]]


def conditions() -> list[Node]:
    """Conditions of every kind: plain, and missing with either value underneath."""
    low = build.compare("lt", missing("f32_s"), build.const(0))
    high = build.compare("lt", build.const(-1), missing("f64_s"))
    return [column("", "bool_a"), column("", "bool_b"), low, high]


def logic(op: str) -> list[Node]:
    return [make(op, a, b) for a in conditions() for b in conditions()]


def reduction(op: str, dtypes: tuple[str, ...]) -> list[Node]:
    plain = [make(op, muon(f"{d}_{k}")) for d in dtypes for k in "at"]
    selected = [make(op, build.lift(muon(f"{d}_a"), hard())) for d in dtypes]
    wide = [make(op, pair_value(f"{d}_a")) for d in dtypes if d in FLOATING]
    per = make("per", hard(), collection("Jet"))
    nested = [make(op, members.take(build.lift(muon(f"{d}_a"), hard()), make("under", per))) for d in dtypes]
    sometimes = members.take(
        build.lift(column("Jet", f"{dtypes[0]}_a"), collection("Jet")), make("nth", collection("Jet"), i=1)
    )
    return [*plain, *selected, *wide, *nested, make(op, build.lift(sometimes, collection("Muon")))]


def pick() -> list[Node]:
    found = []
    for direction in ("argmin", "argmax"):
        for keys in (["f32_t"], ["f64_a"], ["i32_t", "f64_t"], ["u64_a"], ["f32_t", "f32_a", "i64_a"]):
            found.append(members.pick(collection("Muon"), tuple(muon(k) for k in keys), direction))
        found.append(members.pick(pairs(), (pair_value(),), direction))
        found.append(members.pick(collection("Muon"), (sometimes("f32_t"), sometimes("f64_t")), direction))
        found.append(members.pick(collection("Muon"), (sometimes("i32_a"),), direction))
        found.append(members.pick(hard(), (build.lift(muon("f32_t"), hard()),), direction))
    return found


def pick_truncated() -> list[Node]:
    value = build.arithmetic("mul", make("abs", pair_value()), build.const(20.0))
    return [
        members.pick_truncated(pairs(), value, build.const(91.2)),
        members.pick_truncated(pairs(), value, missing("f64_s")),
        members.pick_truncated(collection("Muon"), muon("f64_a"), build.const(3.0)),
        members.pick_truncated(collection("Muon"), muon("f64_t"), build.const(-1.0)),
    ]


def identity(op: str) -> list[Node]:
    muons = make("self", collection("Muon"))
    z = members.pick(pairs(), (pair_value(),), "argmin")
    every = make("per", pairs(), pairs())
    here, there = make("under", every), build.lift(make("self", pairs()), every)
    return [
        make(op, muons, build.lift(second(), collection("Muon"))),
        make(op, muons, build.lift(z, collection("Muon"))),
        make(op, here, there),
        make(op, second(), make("nth", hard(), i=0)),
        make(op, second(), make("nth", collection("Jet"), i=1)),
        make(op, muons, build.lift(make("nth", collection("Jet"), i=0), collection("Muon"))),
        make(op, z, members.pick(pairs(), (pair_value("f32_s"),), "argmax")),
    ]


def casts() -> list[Node]:
    targets = [d for d in DType if d.numeric]
    sources = [column(owner, f"{d}_{k}") for owner in OWNERS for d in (*NUMERIC, "bool") for k in "ab"]
    places = [members.place(x) for x in (make("self", collection("Jet")), make("self", collection("Track")), index())]
    return [*places, *(make("cast", x, dtype=d) for x in sources for d in targets if x.type.dtype is not d)]


def math() -> list[Node]:
    values = [column(o, f"{d}_{k}") for o in OWNERS for d in FLOATING for k in "abs"]
    return [make("math", x, name=name) for name in MATH for x in values] + [make("math", missing("f32_s"), name="sqrt")]


def moved(op: str) -> list[Node]:
    sub = make("sort", hard(), build.lift(muon("f32_t"), hard()))
    if op == "lift":
        return [
            build.lift(muon("f32_a"), sub),
            build.lift(column("", "f64_a"), pairs()),
            build.lift(missing("i32_a"), hard()),
            build.lift(second(), hard()),
            build.lift(muon("bool_a"), make("slice", sub, start=1, stop=None)),
        ]
    legs = [make("leg", make("choose", sub, n=2), k=k) for k in (0, 1)]
    return [
        *(members.take(build.lift(muon("f32_a"), sub), leg) for leg in legs),
        missing("f32_a"),
        missing("bool_a"),
        members.take(pair_value(), members.pick(pairs(), (pair_value("f32_s"),), "argmax")),
        members.take(make("leg", pairs(), k=1), members.pick(pairs(), (pair_value("f32_s"),), "argmax")),
    ]


def per() -> Node:
    return make("per", hard(), collection("Jet"))


def sort_keys() -> list[Node]:
    keys = (["f32_t"], ["f64_t", "i32_t"], ["u64_a"], ["i64_t", "f32_a"], ["f32_a"])
    axes = [members.order(collection("Muon"), tuple(muon(k) for k in group)) for group in keys]
    axes.append(members.order(pairs(), (pair_value(),)))
    axes.append(members.order(hard(), (build.lift(missing("f32_t"), hard()), build.lift(muon("i32_t"), hard()))))
    return axes


def choices() -> list[Node]:
    sub = members.order(hard(), (build.lift(build.neg(muon("pt")), hard()),))
    axes = [make("choose", a, n=n) for a in (collection("Muon"), hard(), sub) for n in (2, 3)]
    tight = members.select(pairs(), build.compare("lt", pair_value(), build.const(0)))
    return [*axes, make("choose", tight, n=2)]


def products() -> list[Node]:
    jets = members.select(collection("Jet"), column("Jet", "bool_a"))
    return [
        make("product", *axes)
        for axes in (
            (collection("Muon"), jets),
            (hard(), collection("Muon")),
            (hard(), hard(), jets),
            (members.union(pairs(), jets), collection("Muon")),  # of three particles, or of two
        )
    ]


def filters() -> list[Node]:
    both = build.logic("and", muon("bool_a"), build.compare("lt", muon("f32_t"), muon("f32_a")))
    sometimes = build.lift(build.compare("lt", missing("f32_s"), build.const(0)), collection("Muon"))
    nested = members.select(hard(), build.lift(muon("bool_b"), hard()))
    axes = [members.select(collection("Muon"), both), make("filter", collection("Muon"), sometimes), nested]
    return [*axes, members.select(pairs(), build.compare("lt", pair_value(), build.const(1)))]


def slices() -> list[Node]:
    ends = [(0, 1), (1, None), (1, 3), (2, 2), (0, None)]
    return [make("slice", a, start=i, stop=j) for a in (collection("Muon"), hard(), pairs()) for i, j in ends]


def where() -> list[Node]:
    some = make("self", collection("Muon"))
    return [
        *(
            make("where", c, column("", f"{d}_a"), column("", f"{d}_b"))
            for c in conditions()
            for d in (*NUMERIC, "bool")
        ),
        *(make("where", c, missing("f32_a"), column("", "f32_b")) for c in conditions()),
        make("where", muon("bool_a"), some, build.lift(second(), collection("Muon"))),
    ]


def otherwise() -> list[Node]:
    return [make("otherwise", missing(f"{d}_a"), column("", f"{d}_b")) for d in (*NUMERIC, "bool")] + [
        make("otherwise", missing("f32_a"), members.take(muon("f32_b"), make("nth", collection("Muon"), i=0))),
        make("otherwise", sometimes("f32_a"), build.lift(missing("f32_b"), collection("Muon"))),
    ]


def lepton() -> Node:
    """The muons above a threshold and the jets: two collections."""
    return members.union(hard(), collection("Jet"))


def unions() -> list[Node]:
    """Of two collections, of overlapping selections of one, of a union, of candidates with single objects, per jet."""
    soft = members.select(collection("Muon"), build.compare("lt", muon("pt"), build.const(25)))
    overlapping = members.union(hard(), soft)
    each_jet = make("per", hard(), collection("Jet"))
    return [
        lepton(),
        overlapping,
        members.union(overlapping, collection("Jet")),
        members.union(pairs(), collection("Jet")),
        members.union(make("choose", hard(), n=2), pairs()),
        members.union(each_jet, soft),
        make("choose", lepton(), n=2),
        make("product", lepton(), collection("Muon")),
    ]


def lepton_value(attr: str = "f64_s") -> Node:
    return members.stack([build.lift(muon(attr), hard()), column("Jet", attr)], lepton())


def best_pair() -> Node:
    """The pair of leptons with the greatest sum."""
    axis = make("choose", lepton(), n=2)
    legs = [members.take(lepton_value(), make("leg", axis, k=k)) for k in (0, 1)]
    return members.pick(axis, (build.arithmetic("add", *legs),), "argmax")


def legs_of_choices() -> list[Node]:
    """Of one candidate, which may be missing, of each of many, and the pairs of them."""
    axis = make("choose", lepton(), n=2)
    one = members.legs([members.take(make("leg", axis, k=k), best_pair()) for k in (0, 1)])
    many = members.legs([make("leg", make("choose", lepton(), n=3), k=k) for k in (0, 1, 2)])
    mixed = members.legs([second(), make("nth", collection("Jet"), i=0)])
    return [one, many, mixed, make("choose", many, n=2), members.union(one, collection("Muon"))]


def stacks() -> list[Node]:
    found = [lepton_value(f"{d}_a") for d in (*NUMERIC, "bool")]
    found += [members.stack([missing(f"{d}_a"), column("", f"{d}_b")], legs_of_choices()[2]) for d in NUMERIC]
    one, many = legs_of_choices()[:2]
    found += [members.stack([members.take(lepton_value(), r) for r in axis.args], axis) for axis in (one, many)]
    jets = make("choose", collection("Jet"), n=2)
    both = members.union(pairs(), jets)
    found.append(members.stack([make("leg", pairs(), k=0), make("leg", jets, k=1)], both))
    found.append(members.stack([index(), jet_link("Jet")], members.union(collection("Muon"), collection("Jet"))))
    found += [members.stack([column("", f"{d}_a"), column("", f"{d}_b")], row(2)) for d in (*NUMERIC, "bool")]
    found.append(members.stack([missing("f32_a"), column("", "f32_b"), missing("f32_s")], row(3)))
    found.append(members.stack([second(), make("nth", collection("Muon"), i=0)], row(2)))
    return found


def row(n: int) -> Node:
    return make("row", EVENT, n=n)


def rows() -> list[Node]:
    """Rows, what is selected of them, and combinations with them: each place is an item of its own."""
    place = members.stack([column("", "f64_t"), column("", "f64_s")], row(2))
    positive = members.select(row(2), build.compare("lt", build.const(0.0), place))
    axes = [row(1), positive, make("sort", row(2), place), make("choose", row(4), n=2), make("per", row(2), per())]
    return [*axes, make("product", row(3), hard()), members.union(row(2), hard()), make("per", hard(), row(2))]


def jet_link(owner: str) -> Node:
    """To a jet, by an index branch with few values."""
    return members.link(build.arithmetic("sub", column(owner, "i32_t"), build.const(1)), collection("Jet"))


def index() -> Node:
    return jet_link("Muon")


def links() -> list[Node]:
    found = [members.link(muon(f"{d}_{k}"), collection("Jet")) for d in INTEGER for k in "at"]
    return [
        *found,
        members.link(column("", "i64_t"), collection("Muon")),
        *(
            members.link(x, a, sure=True)
            for x, a in ((jet_number(), collection("Jet")), (other_jet(), collection("Jet")))
        ),
        members.link(missing("i64_t"), collection("Jet"), sure=True),
        members.link(muon("i64_t"), row(3)),
        members.take(
            members.stack([column("", "f32_a"), column("", "f32_b")], row(2)), members.link(muon("i32_t"), row(2))
        ),
        members.take(column("Jet", "f32_a"), index()),
    ]


def jet_number() -> Node:
    return members.place(make("self", collection("Jet")))


def other_jet() -> Node:
    """For each jet the place of one in the same list: as far from the end as it is from the beginning."""
    last = build.arithmetic("sub", make("count", collection("Jet")), build.const(1))
    return build.arithmetic("sub", last, jet_number())


def collected() -> list[Node]:
    """Through links, from selections back to what they are of, from pairs to legs, from lists in lists, to the event's."""
    jets, tracks = collection("Jet"), collection("Track")
    leg = make("leg", pairs(), k=1)
    jet_of_track = build.lift(make("self", jets), tracks)
    tight = members.select(pairs(), build.compare("lt", pair_value(), build.const(0)))
    harder = members.select(tight, build.compare("lt", build.const(-2), build.lift(pair_value(), tight)))
    best = members.pick(per(), (members.take(build.lift(muon("f32_t"), hard()), make("under", per())),), "argmax")
    return [
        *(members.collect(muon(f"{d}_a"), index()) for d in NUMERIC),
        members.collect(sometimes("f32_a"), index()),
        members.collect(column("Jet", "f32_s"), members.link(other_jet(), jets, sure=True)),
        members.collect(build.lift(muon("f32_a"), hard()), build.lift(make("self", collection("Muon")), hard())),
        members.collect(pair_value(), leg),
        members.collect(build.lift(pair_value(), harder), build.lift(make("self", tight), harder)),
        members.collect(
            build.lift(muon("f64_s"), sort_keys()[0]), build.lift(make("self", collection("Muon")), sort_keys()[0])
        ),
        members.collect(column("Track", "f32_s"), jet_of_track),
        members.collect(column("", "f64_a"), second()),
        members.collect(pair_value(), build.lift(make("self", pairs()), tight)),
        members.collect(build.lift(pair_value(), tight), make("self", tight)),
        members.collect(column("Jet", "f64_s"), best),
        members.collect(lepton_value(), make("self", lepton())),
        members.collect(muon("f32_s"), build.lift(make("nth", lepton(), i=1), collection("Muon"))),
    ]


def chains() -> list[Node]:
    """Chains of links that go up, down, in circles and to themselves."""
    step = jet_link("Jet")
    starts = (make("self", collection("Jet")), index(), make("nth", collection("Jet"), i=1))
    return [members.chain(start, step) for start in starts]


def nested() -> list[Node]:
    """The tracks of a jet that an object refers to."""
    starts = (index(), make("nth", collection("Jet"), i=1), build.lift(make("self", collection("Jet")), per()))
    return [members.nested(start, collection("Track")) for start in starts]


def stood_for(axes: list[Node], owner: str) -> list[Node]:
    """A value, and the objects, that positions stand for."""
    return [x for a in axes for x in (make("under", a), members.take(column(owner, "f32_a"), make("under", a)))]


def categories() -> list[Node]:
    made = members.category([(name, x) for name, x in zip("pqr", conditions()[1:], strict=True)])
    along = members.category([("a", muon("bool_a")), ("b", build.compare("lt", sometimes("f32_s"), build.const(0)))])
    return [made, along, members.is_label(made, "q"), members.is_label(along, "a"), build.cast(made, DType.F64)]


def each(axes: list[Node]) -> list[Node]:
    return [node for axis in axes for node in positions(axis)]


#: The cases of every operation.
def vary() -> list[Node]:
    """The value is the nominal one, present or not."""
    found = [
        build.vary(column(o, f"{d}_a"), (column(o, f"{d}_b"), column("", f"{d}_t")), "jes", ("up", "down"))
        for o in OWNERS
        for d in (*NUMERIC, "bool")
    ]
    return [*found, build.vary(missing("f64_a"), (column("", "f64_b"),), "jes", ("up",))]


CASES: dict[str, Callable[[], list[Node]]] = {
    "event": lambda: [column("", "f32_a"), column("", "bool_a"), make("count", collection("Muon"))],
    "const": lambda: [build.const(x) for x in (3, -1, 2**62, 0.1, float("inf"), -0.0, True, False)],
    "param": lambda: [build.param("p", 2.5), build.param("n", 7), build.param("b", True)],
    "column": lambda: [column(o, f"{d}_{k}") for o in OWNERS for d in (*NUMERIC, "bool") for k in "ab"],
    "collection": lambda: each([collection("Muon"), collection("Jet"), collection("Track")]),
    "filter": lambda: each(filters()),
    "sort": lambda: each(sort_keys()),
    "slice": lambda: each(slices()),
    "choose": lambda: each(choices()),
    "product": lambda: each(products()),
    "union": lambda: each(unions()),
    "legs": lambda: each(legs_of_choices()),
    "chain": lambda: each(chains()),
    "at": lambda: each(nested()),
    "row": lambda: each(rows()),
    "link": links,
    "collect": collected,
    "stack": stacks,
    "category": categories,
    "per": lambda: each([per(), make("per", collection("Muon"), collection("Muon")), make("per", pairs(), hard())]),
    "self": lambda: [make("self", a) for a in (collection("Muon"), hard(), pairs(), per())],
    "under": lambda: [
        make("under", per()),
        members.take(build.lift(muon("f32_a"), hard()), make("under", per())),
        *stood_for(chains(), "Jet"),
        *stood_for(nested(), "Track"),
    ],
    "leg": lambda: [make("leg", axis, k=k) for axis in (*choices(), *products()) for k in (0, 1)],
    "nth": lambda: [
        make("nth", a, i=i) for a in (collection("Muon"), hard(), pairs(), *sort_keys()) for i in (0, 1, 3)
    ],
    "pick": pick,
    "pick_truncated": pick_truncated,
    "shares": lambda: identity("shares"),
    "same": lambda: identity("same"),
    "lift": lambda: moved("lift"),
    "take": lambda: moved("take"),
    "sum": lambda: reduction("sum", (*NUMERIC, "bool")),
    "prod": lambda: reduction("prod", NUMERIC),
    "min": lambda: reduction("min", NUMERIC),
    "max": lambda: reduction("max", NUMERIC),
    "any": lambda: reduction("any", ("bool",)),
    "count": lambda: [make("count", a) for a in (collection("Muon"), hard(), pairs(), per(), *products())],
    "exists": lambda: [
        make("exists", x) for x in (missing("f32_a"), second(), column("", "f32_a"), sometimes("f32_a"))
    ],
    "otherwise": otherwise,
    "vary": vary,
    "and": lambda: logic("and"),
    "or": lambda: logic("or"),
    "not": lambda: [make("not", column(o, f"bool_{k}")) for o in OWNERS for k in "ab"],
    "where": where,
    "eq": lambda: binary("eq", (*NUMERIC, "bool")),
    "lt": lambda: binary("lt", NUMERIC),
    "le": lambda: binary("le", NUMERIC),
    "add": lambda: binary("add", NUMERIC),
    "sub": lambda: binary("sub", NUMERIC),
    "mul": lambda: binary("mul", NUMERIC),
    "div": lambda: binary("div", FLOATING),
    "mod": lambda: binary("mod", NUMERIC),
    "neg": lambda: unary("neg", NUMERIC),
    "abs": lambda: unary("abs", NUMERIC),
    "pow": lambda: [*binary("pow", ("f64",)), build.power(column("", "f64_s"), build.const(0.5))],
    "cast": casts,
    "math": math,
    "atan2": lambda: binary("atan2", FLOATING),
    "hypot": lambda: binary("hypot", FLOATING),
    "faddeeva": lambda: [
        make("faddeeva", x, y, part=part)
        for part in PARTS
        for o in OWNERS
        for x in (column(o, "f64_s"), column(o, "f64_a"))
        for y in (column(o, "f64_s"), column(o, "f64_b"))
    ],
    "bit": lambda: [
        make("bit", column(o, f"{d}_a"), column(o, f"{d}_{k}"), name=name)
        for name in BITS
        for o in OWNERS
        for d in INTEGER
        for k in "bt"
    ],
    **tables.CASES,
}
