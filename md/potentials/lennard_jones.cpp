// Lennard-Jones 12-6:  u(r) = 4ε[(σ/r)^12 − (σ/r)^6] − s(r),  r < r_c.
//   shift none:   s = 0            energy:  s = u_0(r_c)            force:  s = u_0(r_c) + (r − r_c) u_0'(r_c)
// Tail correction (g(r) = 1 beyond r_c): Allen & Tildesley, Computer Simulation of Liquids, 2nd ed. (2017), section 2.8.
// Units: those of the run.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/lennard_jones.hpp"

#include "md/pair_potential.hpp"

#include <cmath>
#include <numbers>
#include <optional>

namespace r1::md {
namespace {

struct PairSpec {
  double epsilon = 0, sigma = 0, cutoff = 0;  // cutoff 0: does not interact
};

double pair_energy(const PairSpec& p, double r) {
  const double s6 = std::pow(p.sigma / r, 6);
  return 4 * p.epsilon * s6 * (s6 - 1);
}
double pair_slope(const PairSpec& p, double r) {
  const double s6 = std::pow(p.sigma / r, 6);
  return -24 * p.epsilon * s6 * (2 * s6 - 1) / r;
}

/// Adds the tail of an unshifted 12-6 form to the pair loop.
template <template <class> class Form>
class LennardJones final : public PairPotential<Form> {
 public:
  LennardJones(std::vector<PairEntry<Form>> entries, std::vector<PairSpec> tail_pairs, int types)
      : PairPotential<Form>(std::move(entries), types), tail_pairs_(std::move(tail_pairs)) {}

  Potential::Tail tail(const std::vector<std::int64_t>& counts, double volume) const override {
    Potential::Tail sum;
    if (tail_pairs_.empty()) return sum;
    for (std::size_t a = 0; a < counts.size(); ++a)
      for (std::size_t b = 0; b < counts.size(); ++b) {
        const auto& p = tail_pairs_[a * counts.size() + b];
        if (p.cutoff == 0) continue;
        const double s3 = std::pow(p.sigma / p.cutoff, 3), s9 = s3 * s3 * s3;
        const double pairs = static_cast<double>(counts[a]) * static_cast<double>(counts[b]);
        const double scale =
            8.0 / 3.0 * std::numbers::pi * pairs / volume * p.epsilon * std::pow(p.sigma, 3);
        sum.energy += scale * (s9 / 3 - s3);
        sum.virial_trace_third += 2 * scale * (2.0 / 3.0 * s9 - s3);
      }
    return sum;
  }

 private:
  std::vector<PairSpec> tail_pairs_;  // (types²), or empty: no correction
};

int species_index(const io::Config& name, const std::vector<Species>& species) {
  for (std::size_t t = 0; t < species.size(); ++t)
    if (species[t].name == name.text()) return static_cast<int>(t);
  std::string known;
  for (const auto& s : species) known += (known.empty() ? "" : ", ") + s.name;
  name.fail("unknown species '" + name.text() + "'; the system has: " + known);
}

/// Pairs as listed; the rest is mixed where a rule is given.
std::vector<PairSpec> read_pairs(const io::Config& options, const std::vector<Species>& species) {
  const std::size_t n = species.size();
  std::vector<PairSpec> pairs(n * n);
  for (const auto& item : options["pairs"].items()) {
    const auto names = item["species"].items();
    const auto a = static_cast<std::size_t>(species_index(names[0], species));
    const auto b = static_cast<std::size_t>(species_index(names[1], species));
    if (pairs[a * n + b].cutoff > 0)
      item.fault("the pair " + species[a].name + "-" + species[b].name + " is listed twice");
    const double cutoff = item.has("cutoff") ? item["cutoff"].real() : options["cutoff"].real();
    pairs[a * n + b] = pairs[b * n + a] = {item["epsilon"].real(), item["sigma"].real(), cutoff};
  }
  const auto rule = options["mixing"];
  if (rule.is("none")) return pairs;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b) {
      const auto &aa = pairs[a * n + a], &bb = pairs[b * n + b];
      if (pairs[a * n + b].cutoff > 0 || aa.cutoff == 0 || bb.cutoff == 0) continue;
      const double sigma =
          rule.is("geometric") ? std::sqrt(aa.sigma * bb.sigma) : 0.5 * (aa.sigma + bb.sigma);
      pairs[a * n + b] = {std::sqrt(aa.epsilon * bb.epsilon), sigma, options["cutoff"].real()};
    }
  return pairs;
}

std::unique_ptr<Potential> make_lennard_jones(const io::Config& options,
                                              const PotentialContext& context) {
  const auto pairs = read_pairs(options, context.species);
  const int types = static_cast<int>(context.species.size());
  const auto shift = options["shift"];
  const bool with_tail = options["tail_correction"].boolean();
  if (with_tail && !shift.is("none"))
    options["tail_correction"].fail(
        "a tail correction needs 'shift: none': a shifted potential is meant to end at its cutoff");
  if (shift.is("force")) {
    std::vector<PairEntry<ForceShiftedLennardJones>> entries;
    for (const auto& p : pairs) {
      if (p.cutoff == 0) {
        entries.emplace_back();
        continue;
      }
      const double slope = pair_slope(p, p.cutoff);
      entries.push_back(
          {{4 * p.epsilon, p.sigma * p.sigma, pair_energy(p, p.cutoff) - p.cutoff * slope, slope},
           p.cutoff});
    }
    return std::make_unique<LennardJones<ForceShiftedLennardJones>>(std::move(entries),
                                                                    std::vector<PairSpec>{}, types);
  }
  std::vector<PairEntry<CutLennardJones>> entries;
  for (const auto& p : pairs) {
    const double at_cutoff = shift.is("energy") && p.cutoff > 0 ? pair_energy(p, p.cutoff) : 0;
    entries.push_back({{4 * p.epsilon, p.sigma * p.sigma, at_cutoff}, p.cutoff});
  }
  return std::make_unique<LennardJones<CutLennardJones>>(
      std::move(entries), with_tail ? pairs : std::vector<PairSpec>{}, types);
}

io::Schema lennard_jones_options() {
  using namespace io;
  const auto pair = mapping({
      Key("species", list(text(), 2, 2), "The two species of the pair.").required_(),
      Key("epsilon", real(Quantity::energy).min(0), "Depth of the well.").required_(),
      Key("sigma", real(Quantity::length).above(0), "Distance at which the energy is zero.")
          .required_(),
      Key("cutoff", real(Quantity::length).above(0),
          "Cutoff of this pair, instead of the common one."),
  });
  return mapping({
      Key("cutoff", real(Quantity::length).above(0), "Distance beyond which pairs do not interact.")
          .required_(),
      Key("shift", word({"none", "energy", "force"}),
          "What vanishes at the cutoff: nothing, the energy, or energy and force.")
          .or_("none"),
      Key("tail_correction", boolean(),
          "Adds energy and pressure of a uniform fluid beyond the cutoff.")
          .or_("false"),
      Key("mixing", word({"none", "geometric", "lorentz_berthelot"}),
          "Rule for pairs of species that are not listed.")
          .or_("none"),
      Key("pairs", list(pair, 1), "Parameters of pairs of species.").required_(),
  });
}

}  // namespace

void add_lennard_jones(PotentialRegistry& registry) {
  registry.add("lennard_jones", "The 12-6 pair potential, cut, energy-shifted or force-shifted.",
               lennard_jones_options(), make_lennard_jones,
               "{cutoff: 3.2, shift: force, pairs: [{species: [A, A], epsilon: 0.3, sigma: 1.1}, "
               "{species: [A, B], epsilon: 0.4, sigma: 1.0, cutoff: 2.9}, "
               "{species: [B, B], epsilon: 0.5, sigma: 1.05}]}");
}

}  // namespace r1::md
