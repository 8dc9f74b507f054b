"""One task of the ADL benchmark by ROOT's RDataFrame, as its users write it: strings of C++ compiled at run time.

    python root_adl.py TASK FILE.root

Prints {"histograms": [[contents of 100 bins]...], "version": ...} as JSON. Needs a Python with ROOT.
"""

import json
import sys

FOUR_VECTORS = """
using ROOT::Math::PtEtaPhiMVector;
using ROOT::VecOps::RVec;

RVec<PtEtaPhiMVector> four_vectors(const RVec<float> &pt, const RVec<float> &eta, const RVec<float> &phi,
                                   const RVec<float> &mass)
{
   return ROOT::VecOps::Construct<PtEtaPhiMVector>(pt, eta, phi, mass);
}
"""

PAIR = """
bool has_z_like_pair(const RVec<int> &charge, const RVec<PtEtaPhiMVector> &p)
{
   for (std::size_t i = 0; i < p.size(); i++)
      for (std::size_t j = i + 1; j < p.size(); j++)
         if (charge[i] != charge[j]) {
            const auto mass = (p[i] + p[j]).M();
            if (mass > 60 && mass < 120)
               return true;
         }
   return false;
}
"""

TRIJET = """
RVec<std::size_t> nearest_trijet(const RVec<PtEtaPhiMVector> &p)
{
   RVec<std::size_t> best{0, 1, 2};
   double least = 1e9;
   for (std::size_t i = 0; i < p.size(); i++)
      for (std::size_t j = i + 1; j < p.size(); j++)
         for (std::size_t k = j + 1; k < p.size(); k++) {
            const auto distance = std::abs((p[i] + p[j] + p[k]).M() - 172.5);
            if (distance < least) {
               least = distance;
               best = {i, j, k};
            }
         }
   return best;
}
"""

ISOLATED = """
RVec<int> far_from(const RVec<float> &eta, const RVec<float> &phi, const RVec<float> &lepton_eta,
                   const RVec<float> &lepton_phi)
{
   RVec<int> far(eta.size(), 1);
   for (std::size_t i = 0; i < eta.size(); i++)
      for (std::size_t j = 0; j < lepton_eta.size(); j++)
         if (ROOT::VecOps::DeltaR(eta[i], lepton_eta[j], phi[i], lepton_phi[j]) < 0.4f)
            far[i] = 0;
   return far;
}
"""

OUTSIDE_Z = """
int leading_outside_z(const RVec<PtEtaPhiMVector> &p, const RVec<int> &charge, const RVec<int> &flavour)
{
   int first = -1, second = -1;
   double least = 1e9;
   for (std::size_t i = 0; i < p.size(); i++)
      for (std::size_t j = i + 1; j < p.size(); j++)
         if (flavour[i] == flavour[j] && charge[i] != charge[j]) {
            const auto distance = std::abs((p[i] + p[j]).M() - 91.2);
            if (distance < least) {
               least = distance;
               first = i;
               second = j;
            }
         }
   if (first < 0)
      return -1;
   int leading = -1;
   for (int i = 0; i < int(p.size()); i++)
      if (i != first && i != second && (leading < 0 || p[i].Pt() > p[leading].Pt()))
         leading = i;
   return leading;
}
"""


def declare(root, *functions):
    """Compile C++ functions."""
    root.gInterpreter.Declare("\n".join([FOUR_VECTORS, *functions]))


def task_1(root, frame):
    return [frame.Histo1D(("q1", "", 100, 0.0, 2000.0), "MET_pt")]


def task_2(root, frame):
    return [frame.Histo1D(("q2", "", 100, 15.0, 60.0), "Jet_pt")]


def task_3(root, frame):
    central = frame.Define("pt", "Jet_pt[abs(Jet_eta) < 1]")
    return [central.Histo1D(("q3", "", 100, 15.0, 60.0), "pt")]


def task_4(root, frame):
    hard = frame.Filter("Sum(Jet_pt > 40) >= 2")
    return [hard.Histo1D(("q4", "", 100, 0.0, 2000.0), "MET_pt")]


def task_5(root, frame):
    declare(root, PAIR)
    pairs = (
        frame.Filter("nMuon >= 2")
        .Define("p", "four_vectors(Muon_pt, Muon_eta, Muon_phi, Muon_mass)")
        .Filter("has_z_like_pair(Muon_charge, p)")
    )
    return [pairs.Histo1D(("q5", "", 100, 0.0, 2000.0), "MET_pt")]


def task_6(root, frame):
    declare(root, TRIJET)
    trijets = (
        frame.Filter("nJet >= 3")
        .Define("p", "four_vectors(Jet_pt, Jet_eta, Jet_phi, Jet_mass)")
        .Define("best", "nearest_trijet(p)")
        .Define("trijet_pt", "(p[best[0]] + p[best[1]] + p[best[2]]).Pt()")
        .Define("btag", "Max(Take(Jet_btag, best))")
    )
    return [
        trijets.Histo1D(("q6_pt", "", 100, 15.0, 40.0), "trijet_pt"),
        trijets.Histo1D(("q6_btag", "", 100, 0.0, 1.0), "btag"),
    ]


def task_7(root, frame):
    declare(root, ISOLATED)
    sums = (
        frame.Define("lepton_pt", "Concatenate(Muon_pt, Electron_pt)")
        .Define("lepton_eta", "Concatenate(Muon_eta, Electron_eta)[lepton_pt > 10]")
        .Define("lepton_phi", "Concatenate(Muon_phi, Electron_phi)[lepton_pt > 10]")
        .Define("good", "Jet_pt > 30 && far_from(Jet_eta, Jet_phi, lepton_eta, lepton_phi)")
        .Define("sum_pt", "Sum(Jet_pt[good])")
    )
    return [sums.Histo1D(("q7", "", 100, 15.0, 200.0), "sum_pt")]


def task_8(root, frame):
    declare(root, OUTSIDE_Z)
    leptons = (
        frame.Filter("nMuon + nElectron >= 3")
        .Define("mu", "four_vectors(Muon_pt, Muon_eta, Muon_phi, Muon_mass)")
        .Define("el", "four_vectors(Electron_pt, Electron_eta, Electron_phi, Electron_mass)")
        .Define("lepton", "Concatenate(mu, el)")
        .Define("charge", "Concatenate(Muon_charge, Electron_charge)")
        .Define("flavour", "Concatenate(RVec<int>(nMuon, 13), RVec<int>(nElectron, 11))")
        .Define("third", "leading_outside_z(lepton, charge, flavour)")
        .Filter("third >= 0")
        .Define("dphi", "ROOT::VecOps::DeltaPhi(lepton[third].Phi(), double(MET_phi))")
        .Define("m_t", "sqrt(2 * lepton[third].Pt() * MET_pt * (1 - cos(dphi)))")
    )
    return [leptons.Histo1D(("q8", "", 100, 15.0, 250.0), "m_t")]


TASKS = {f.__name__.removeprefix("task_"): f for f in (task_1, task_2, task_3, task_4, task_5, task_6, task_7, task_8)}


def main(task, path):
    """Run the event loop and print the contents."""
    import ROOT

    found = TASKS[task](ROOT, ROOT.RDataFrame("Events", path))
    contents = [[h.GetBinContent(i) for i in range(1, 101)] for h in found]
    print(json.dumps({"histograms": contents, "version": f"ROOT {ROOT.gROOT.GetVersion()}"}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
