"""An example of every function and method in text, for the reference; `z` is a pair of muons, `m_Z` a parameter."""

from __future__ import annotations

from types import MappingProxyType

from hzdsl.ir.ops import MATH

#: What the examples use.
PRELUDE = """
parameters.m_Z = "91.2 GeV"
define = '''
z = pair(Muon).nearest(m_Z)
'''
"""

#: A schema with elements inside elements, for the examples with `jet[0].tracks`.
NESTED = """
[schema.collections.jet]
fields = { pt = "f32 GeV" }
nested.tracks = { fields = { pt = "f32 GeV" } }
"""

#: Of every function of `hzdsl.lang.functions.FUNCTIONS`.
FUNCTION_EXAMPLES = MappingProxyType(
    {
        "count": "count(Muon[pt > 5 GeV])",
        "any": "any(Muon.pt > 20 GeV)",
        "all": "all(Muon.tightId)",
        "sum": "sum(Jet.pt)",
        "prod": "prod(Muon.charge)",
        "min": "min(Jet.pt)",
        "max": "max(abs(Jet.eta))",
        "abs": "abs(Muon.eta)",
        "atan2": "atan2(Muon.py, Muon.px)",
        "hypot": "hypot(MET.px, MET.py)",
        "faddeeva_real": "faddeeva_real(Muon.eta, 1.5)",
        "faddeeva_imag": "faddeeva_imag(Muon.eta, 1.5)",
        "minimum": "minimum(z.leg1.pt, z.leg2.pt)",
        "maximum": "maximum(MET.pt, 10 GeV)",
        "clip": "clip(Muon.eta, -2.4, 2.4)",
        "where": "where(Muon.tightId, Muon.pt, 0)",
        "nearer": "nearer(z.leg1.pt, z.leg2.pt, 45)",
        "farther": "farther(z.leg1.pt, z.leg2.pt, 45)",
        "pair": "pair(Muon)",
        "triple": "triple(Jet)",
        "combinations": "combinations(Jet, 4)",
        "delta_phi": "delta_phi(z.leg1, z.leg2)",
        "delta_eta": "delta_eta(z.leg1, z.leg2)",
        "delta_r": "delta_r(z.leg1, z.leg2)",
        "transverse_mass": "transverse_mass(Muon[0], MET)",
        "vector": "vector(pt = MET.pt, eta = 0, phi = MET.phi, mass = 0)",
        "between": "between(z.mass, 60 GeV, 120 GeV)",
        "mean": "mean(Jet.pt)",
        "value": "value(1) + 1",
        "quantity": 'quantity(3, "1e-4*GeV*cm")/MET.pt',
        "xor": "xor(Muon.pfIsoId, 3)",
        "shares": "shares(Muon, z)",
        "legs": "legs(z.leg1, Electron[0])",
        "stack": "stack(Muon.pt, 2*Electron.pt, Muon | Electron)",
        "row": "row(3)",
        "link": "link(Muon.jetIdx, Jet)",
        "collect": "collect(Muon.pt, Muon.jet)",
        "chain": "chain(GenPart, GenPart.mother)",
        "nested": "nested(jet[0], jet.tracks)",
        "category": "category(few = count(Muon) < 2, many = count(Muon) >= 2)",
        "vec3": "vec3(MET.px, MET.py, 0)",
        "dot": "dot(z.leg1.p3, z.leg2.p3)",
        "cross": "cross(z.leg1.p3, z.leg2.p3)",
        "unit": "unit(z.p3)",
        "vary": "vary(Muon.pt, muon_scale = (1.002*Muon.pt, 0.998*Muon.pt))",
        "table": "table(Muon.pt, edges = (20 GeV, 30 GeV, 50 GeV), values = (0.9, 0.95))",
        "search": "search(Muon.pt, edges = (20 GeV, 30 GeV, 50 GeV))",
        "entry": "entry(search(Muon.pt, edges = (20 GeV, 30 GeV)), values = (0.9, 0.95, 1.0))",
        "random": "random(run, event, seed = 42)",
        "random_normal": "random_normal(run, event, Muon.index, seed = 42)",
        "float_bits": "float_bits(Muon.pt)",
        **{name: f"{name}(Muon.eta)" for name in MATH},
    }
)

#: Of every public method of collections and values that text has, too.
METHOD_EXAMPLES = MappingProxyType(
    {
        "sort": "Muon.sort(-pt)",
        "argmin": "Muon.argmin(abs(eta))",
        "argmax": "Muon.argmax(pt)",
        "leading": "Muon.leading()",
        "nearest": "pair(Muon).nearest(91.2)",
        "nearest_mass_truncated": "pair(Muon).nearest_mass_truncated(91.2)",
        "assign": "Muon.assign(pt = 1.01 * pt)",
        "per": "Muon.per(Jet)",
        "opposite_charge": "pair(Muon).opposite_charge()",
        "same_charge": "pair(Muon).same_charge()",
        "same_flavor": "pair(Muon).same_flavor()",
        "between": "z.mass.between(60 GeV, 120 GeV)",
        "as_f32": "z.mass.as_f32()",
        "as_f64": "Muon.pt.as_f64()",
        **{f"as_{dtype}": f"Muon.pt.as_{dtype}()" for dtype in ("i32", "i64", "u32", "u64")},
        "along": "MET.pt.along(Muon)",
        "at": "Muon.pt.at(z.leg1)",
        "in_unit": 'Muon.pt.in_unit("MeV")',
        "under": "Muon.per(Jet).under()",
        "leg": "pair(Muon).leg(1)",
        "pick_truncated": "pair(Muon).pick_truncated(mass, 91.2 GeV)",
        "bit": "Muon.pfIsoId.bit(2)",
        "in_frame": "z.leg1.in_frame(z)",
        "exists": "z.exists",
        "otherwise": "z.mass.otherwise(0)",
    }
)
