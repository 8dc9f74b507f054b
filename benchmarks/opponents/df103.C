// df103 by ROOT's RDataFrame, compiled ahead: ROOT's own tutorial, its cuts written as typed C++ instead of strings, so
// that nothing is left to compile at run time. The functions that build Z and Higgs candidates are the tutorial's.
//
// By ACLiC, or by a C++ compiler, which makes a program of it: df103 FILE.root [THREADS].

// The tutorial has a main of its own, never run here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
#define main main_of_the_tutorial
#include "df103_NanoAODHiggsAnalysis.C"
#undef main
#pragma GCC diagnostic pop

#include "ROOT/RDFHelpers.hxx"
#include "RVersion.h"

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

using Columns = std::vector<std::string>;

// The number of leptons is an int in our file; CMS' own have a UInt_t.
using Number = int;

bool isolated(cRVecF iso)
{
   return All(abs(iso) < 0.40);
}

bool from_vertex(cRVecF dxy, cRVecF dz, cRVecF dxy_err, cRVecF dz_err)
{
   const auto ip3d = sqrt(dxy * dxy + dz * dz);
   const auto sip3d = ip3d / sqrt(dxy_err * dxy_err + dz_err * dz_err);
   return All(sip3d < 4) && All(abs(dxy) < 0.5) && All(abs(dz) < 1.0);
}

Columns vertex_columns(const std::string &lepton)
{
   return {lepton + "_dxy", lepton + "_dz", lepton + "_dxyErr", lepton + "_dzErr"};
}

bool apart(const RVec<RVec<size_t>> &idx, cRVecF eta, cRVecF phi)
{
   for (size_t i = 0; i < 2; i++)
      if (DeltaR(eta[idx[i][0]], eta[idx[i][1]], phi[idx[i][0]], phi[idx[i][1]]) < 0.02)
         return false;
   return true;
}

RNode z_windows(RNode df)
{
   return df.Filter([](cRVecF mass) { return mass[0] > 40 && mass[0] < 120; }, {"Z_mass"})
      .Filter([](cRVecF mass) { return mass[1] > 12 && mass[1] < 120; }, {"Z_mass"});
}

RNode four_of_a_kind(RNode df, const std::string &lepton, const std::string &isolation, int min_pt, double max_eta)
{
   const std::string number = "n" + lepton, charge = lepton + "_charge";
   const auto pt = lepton + "_pt", eta = lepton + "_eta", phi = lepton + "_phi", mass = lepton + "_mass";
   auto selected =
      df.Filter([](Number n) { return n >= 4; }, {number})
         .Filter(isolated, {lepton + "_" + isolation})
         .Filter([=](cRVecF p, cRVecF e) { return All(p > min_pt) && All(abs(e) < max_eta); }, {pt, eta})
         .Filter(from_vertex, vertex_columns(lepton))
         .Filter([](Number n, const ROOT::RVecI &q) { return n == 4 && Sum(q == 1) == 2 && Sum(q == -1) == 2; },
                 {number, charge})
         .Define("Z_idx", reco_zz_to_4l, {pt, eta, phi, mass, charge})
         .Filter(apart, {"Z_idx", eta, phi})
         .Define("Z_mass", compute_z_masses_4l, {"Z_idx", pt, eta, phi, mass});
   return z_windows(selected).Define("H_mass", compute_higgs_mass_4l, {"Z_idx", pt, eta, phi, mass});
}

bool hard(cRVecF pt)
{
   const auto sorted = Reverse(Sort(pt));
   return sorted[0] > 20 && sorted[1] > 10;
}

RNode two_of_each(RNode df)
{
   const Columns kinematics = {"Electron_pt", "Electron_eta", "Electron_phi", "Electron_mass",
                               "Muon_pt",     "Muon_eta",     "Muon_phi",     "Muon_mass"};
   auto selected =
      df.Filter([](Number el, Number mu) { return el >= 2 && mu >= 2; }, {"nElectron", "nMuon"})
         .Filter([](cRVecF el, cRVecF mu) { return All(abs(el) < 2.5) && All(abs(mu) < 2.4); },
                 {"Electron_eta", "Muon_eta"})
         .Filter([](cRVecF mu, cRVecF el) { return hard(mu) || hard(el); }, {"Muon_pt", "Electron_pt"})
         .Filter(
            [](cRVecF mu_eta, cRVecF mu_phi, cRVecF el_eta, cRVecF el_phi) {
               return !(DeltaR(mu_eta[0], mu_eta[1], mu_phi[0], mu_phi[1]) < 0.02 ||
                        DeltaR(el_eta[0], el_eta[1], el_phi[0], el_phi[1]) < 0.02);
            },
            {"Muon_eta", "Muon_phi", "Electron_eta", "Electron_phi"})
         .Filter([](cRVecF el, cRVecF mu) { return isolated(el) && isolated(mu); },
                 {"Electron_pfRelIso03_all", "Muon_pfRelIso04_all"})
         .Filter(from_vertex, vertex_columns("Electron"))
         .Filter(from_vertex, vertex_columns("Muon"))
         .Filter([](const ROOT::RVecI &el, const ROOT::RVecI &mu) { return Sum(el) == 0 && Sum(mu) == 0; },
                 {"Electron_charge", "Muon_charge"})
         .Define("Z_mass", compute_z_masses_2el2mu, kinematics);
   return z_windows(selected).Define("H_mass", compute_higgs_mass_2el2mu, kinematics);
}

// Run all three channels in one loop and print what they select, as JSON.
void df103(const char *path, int threads)
{
   if (threads > 1)
      ROOT::EnableImplicitMT(threads);
   ROOT::RDataFrame df("Events", path);
   const Columns names = {"4mu", "4e", "2e2mu"};
   std::vector<RNode> channels = {four_of_a_kind(df, "Muon", "pfRelIso04_all", 5, 2.4),
                                  four_of_a_kind(df, "Electron", "pfRelIso03_all", 7, 2.5), two_of_each(df)};
   std::vector<ROOT::RDF::RResultPtr<TH1D>> histograms;
   std::vector<ROOT::RDF::RResultPtr<ULong64_t>> counts;
   for (size_t i = 0; i < 3; i++) {
      histograms.push_back(channels[i].Histo1D<float>({names[i].c_str(), "", 36, 70., 180.}, "H_mass"));
      counts.push_back(channels[i].Count());
   }
   std::cout << "{\"version\": \"ROOT " << ROOT_RELEASE << "\"";
   for (size_t i = 0; i < 3; i++)
      std::cout << ", \"" << names[i] << "\": {\"selected\": " << *counts[i] << "}";
   std::cout << "}" << std::endl;
}

#ifndef __ACLIC__
int main(int, char **arguments)
{
   df103(arguments[1], arguments[2] ? std::atoi(arguments[2]) : 1);
}
#endif
