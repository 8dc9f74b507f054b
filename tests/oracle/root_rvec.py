"""What ROOT's RVec and GenVector make of ragged columns. Needs a Python with ROOT.

    python root_rvec.py IN.npz OUT.npz

IN holds `offsets` and the columns `pt eta phi mass charge` of one collection; OUT one array per result: one number per
event, per element or per pair (i < j, lexicographic).
"""

import sys

import numpy as np

# Declared in parts: as one, this ROOT's compiler does not find the symbols of the global.
CODE = """
#include "ROOT/RVec.hxx"
#include "Math/Vector4D.h"
#include "Math/VectorUtil.h"
#include <map>
using namespace ROOT::VecOps;
using P4 = ROOT::Math::PxPyPzEVector;
std::map<std::string, std::vector<double>> results;

// ---
template <typename T> void keep(const char *name, const RVec<T> &values)
{
   for (auto x : values) results[name].push_back(double(x));
}

// ---
void one_event(const RVec<float> &pt, const RVec<float> &eta, const RVec<float> &phi, const RVec<float> &mass,
               const RVec<int> &charge)
{
   auto &r = results;
   r["sum"].push_back(Sum(pt));
   r["product"].push_back(Product(eta));
   r["sum_of_int"].push_back(Sum(charge));
   r["any"].push_back(Any(pt > 40.f));
   r["all"].push_back(All(pt > 10.f));
   r["max"].push_back(pt.empty() ? -1 : Max(pt));
   r["min"].push_back(pt.empty() ? -1 : Min(pt));
   r["argmax"].push_back(pt.empty() ? -1 : double(ArgMax(pt)));
   r["argmin"].push_back(pt.empty() ? -1 : double(ArgMin(pt)));
   r["argmin_of_ties"].push_back(charge.empty() ? -1 : double(ArgMin(charge)));
   r["argmax_of_ties"].push_back(charge.empty() ? -1 : double(ArgMax(charge)));
   r["mass_of_all"].push_back(InvariantMass(RVec<double>(pt), RVec<double>(eta), RVec<double>(phi), RVec<double>(mass)));
   keep("argsort", StableArgsort(pt));
   keep("argsort_of_ties", StableArgsort(charge));
   keep("selected", pt[eta > 0.f]);
   try {
      Combinations(pt, 2);
      r["throws"].push_back(0);
   } catch (const std::runtime_error &) {
      r["throws"].push_back(1);
      return;
   }
   auto pairs = Combinations(pt, 2);
   keep("first", pairs[0]);
   keep("second", pairs[1]);
   auto a = Take(phi, pairs[0]), b = Take(phi, pairs[1]);
   auto c = Take(eta, pairs[0]), d = Take(eta, pairs[1]);
   keep("delta_phi", DeltaPhi(b, a));
   keep("delta_r", DeltaR(c, d, a, b));
   for (std::size_t k = 0; k < pairs[0].size(); ++k) {
      auto i = pairs[0][k], j = pairs[1][k];
      P4 v(ROOT::Math::PtEtaPhiMVector(pt[i], eta[i], phi[i], mass[i]));
      P4 w(ROOT::Math::PtEtaPhiMVector(pt[j], eta[j], phi[j], mass[j]));
      auto sum = v + w;
      r["pair_mass"].push_back(sum.M());
      r["pair_pt"].push_back(sum.Pt());
      r["pair_eta"].push_back(sum.Eta());
      r["pair_rapidity"].push_back(sum.Rapidity());
      auto rest = ROOT::Math::VectorUtil::boost(v, sum.BoostToCM());
      r["rest_px"].push_back(rest.Px());
      r["rest_energy"].push_back(rest.E());
   }
}

// ---
void run(int entries, const long *offsets, const float *pt, const float *eta, const float *phi, const float *mass,
         const int *charge)
{
   for (int i = 0; i < entries; ++i) {
      auto from = offsets[i], to = offsets[i + 1];
      one_event({pt + from, pt + to}, {eta + from, eta + to}, {phi + from, phi + to}, {mass + from, mass + to},
                {charge + from, charge + to});
   }
}
"""


def main(source, destination):
    import ROOT  # asked for when run, not where this file is only looked at

    ROOT.gSystem.Load("libGenVector")
    for part in CODE.split("// ---"):
        if not ROOT.gInterpreter.Declare(part):
            raise SystemExit("ROOT did not take the code")
    data = np.load(source)
    floats = [np.ascontiguousarray(data[n], np.float32) for n in ("pt", "eta", "phi", "mass")]
    offsets = np.ascontiguousarray(data["offsets"], np.int64)
    ROOT.run(len(offsets) - 1, offsets, *floats, np.ascontiguousarray(data["charge"], np.int32))
    np.savez(destination, **{str(name): np.array(values) for name, values in ROOT.results})


if __name__ == "__main__":
    main(*sys.argv[1:])
