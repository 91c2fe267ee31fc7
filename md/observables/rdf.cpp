// SPDX-License-Identifier: Apache-2.0
#include "md/observables/rdf.hpp"

#include "core/error.hpp"
#include "md/checkpoint/saved_values.hpp"

#include <algorithm>
#include <numbers>

namespace r1::md {
namespace {

std::vector<std::array<int, 2>> every_pair(std::size_t types) {
  std::vector<std::array<int, 2>> pairs;
  for (int a = 0; a < static_cast<int>(types); ++a)
    for (int b = a; b < static_cast<int>(types); ++b) pairs.push_back({a, b});
  return pairs;
}

View<const int*> slots_of(const std::vector<std::array<int, 2>>& pairs, std::size_t types) {
  const View<int*> slot("Rdf::slot", types * types);
  const auto host = Kokkos::create_mirror_view(slot);
  Kokkos::deep_copy(host, -1);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const auto a = static_cast<std::size_t>(pairs[k][0]), b = static_cast<std::size_t>(pairs[k][1]);
    host(a * types + b) = host(b * types + a) = static_cast<int>(k);
  }
  Kokkos::deep_copy(slot, host);
  return slot;
}

/// A field of one component as a vector. It does not own the memory, `rows` does.
template <class T>
View<const T*> column(const View<T**>& rows) {
  return View<const T*>(rows.data(), rows.extent(0));
}

/// A copy of the local rows with room for ghosts.
template <class T, int C>
View<T**> with_room(const Exec& exec, const View<T* [C]>& rows, int n_local, int n_ghost) {
  const auto out = uninitialized<View<T**>>(exec, "Rdf::with_room", n_local + n_ghost, C);
  const auto locals = std::pair<int, int>(0, n_local);
  Kokkos::deep_copy(exec, Kokkos::subview(out, locals, Kokkos::ALL),
                    Kokkos::subview(rows, locals, Kokkos::ALL));
  return out;
}

CellGrid grid_for(const Simulation& simulation, double cutoff, double width) {
  const System& system = simulation.system();
  return CellGrid::make(system.box, simulation.domain().decomposition().brick(), cutoff, width,
                        system.n_local);
}

/// A cloud, and the owners of what it looks at.
struct OwnedCloud {
  PairCloud cloud;
  View<std::int64_t**> id;    // (n_local + n_ghost, 1)
  View<std::int32_t**> type;  // (n_local + n_ghost, 1)
};

/// The ghosts that the run has reach far enough.
OwnedCloud present_cloud(const Simulation& simulation, double cutoff) {
  const System& s = simulation.system();
  const PairCloud cloud{
      {s.box, grid_for(simulation, cutoff, simulation.neighbors().list_cutoff()), s.x(), s.id(),
       simulation.domain().halo().ghost_image(), s.n_local, s.n_ghost},
      s.type()};
  return {cloud, {}, {}};  // the system owns everything
}

/// Ghosts of its own, further away than the run's. Atoms may have left their bricks by half of the skin since the last
/// rebuild, on either side of a pair.
OwnedCloud wide_cloud(const Simulation& simulation, double cutoff) {
  const Exec& exec = simulation.exec();
  const System& s = simulation.system();
  const double width = cutoff + simulation.neighbors().skin();
  Halo halo(simulation.comm());
  halo.choose(exec, s.box, simulation.domain().decomposition(), width, s.x(), s.n_local);
  const auto x = with_room<double, 4>(exec, s.x(), s.n_local, halo.ghosts());
  const auto id = with_room<std::int64_t, 1>(exec, s.fields.view(s.id_), s.n_local, halo.ghosts());
  const auto type =
      with_room<std::int32_t, 1>(exec, s.fields.view(s.type_), s.n_local, halo.ghosts());
  halo.forward_positions(exec, x);
  halo.forward(exec, id);
  halo.forward(exec, type);
  const PairCloud cloud{{s.box, grid_for(simulation, cutoff, width), x, column(id),
                         halo.ghost_image(), s.n_local, halo.ghosts()},
                        column(type)};
  return {cloud, id, type};
}

}  // namespace

Rdf::Rdf(const Options& options, const ObservableContext& context)
    : Observable(options.schedule),
      options_(options),
      curves_(options.pairs.empty() ? Curves::named_and_total : Curves::named),
      context_(context) {
  const std::size_t types = context.species.size();
  if (options_.pairs.empty()) options_.pairs = every_pair(types);
  bins_ = {options_.cutoff, options_.bins, static_cast<int>(types),
           slots_of(options_.pairs, types)};
  histogram_ = View<std::int64_t*>("Rdf::histogram",
                                   options_.pairs.size() * static_cast<std::size_t>(options_.bins));
}

void Rdf::attach(Simulation& simulation) {
  const System& system = simulation.system();
  atoms_ = count_by_type(simulation.exec(), system, simulation.comm());
  fully_periodic_ = system.box.fully_periodic();
  rank_ = simulation.comm().rank();
}

void Rdf::observe(Simulation& simulation) {
  const auto& neighbors = simulation.neighbors();
  const bool reached = options_.cutoff <= neighbors.list_cutoff() - neighbors.skin();
  const OwnedCloud seen = reached ? present_cloud(simulation, options_.cutoff)
                                  : wide_cloud(simulation, options_.cutoff);
  count_pairs(simulation.exec(), seen.cloud, bins_, histogram_);
  simulation.exec().fence("Rdf::observe: kernels still read what `seen` owns");
  inverse_volumes_ += 1 / simulation.system().box.volume;
  ++frames_;
}

double Rdf::expected_pairs(std::array<int, 2> pair) const {
  const auto a = static_cast<double>(atoms_[static_cast<std::size_t>(pair[0])]);
  const auto b = static_cast<double>(atoms_[static_cast<std::size_t>(pair[1])]);
  return pair[0] == pair[1] ? a * (a - 1) / 2 : a * b;
}

io::ObservableTable Rdf::table(const std::string& name, const std::vector<double>& counts,
                               double pairs) const {
  const auto bins = static_cast<std::size_t>(options_.bins);
  const double width = options_.cutoff / options_.bins;
  std::vector<double> r(bins), g(bins);
  std::vector<std::int64_t> whole(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    const double low = static_cast<double>(b) * width, high = static_cast<double>(b + 1) * width;
    const double shell = 4 * std::numbers::pi / 3 * (high * high * high - low * low * low);
    const double expected = pairs * shell * inverse_volumes_;
    r[b] = (static_cast<double>(b) + 0.5) * width;
    g[b] = expected > 0 ? counts[b] / expected : 0;
    whole[b] = static_cast<std::int64_t>(counts[b]);
  }
  auto table = io::rdf_table(context_.units.style, name, r, g, frames_);
  table.group = context_.group + "/" + name;
  table.sentence += " count: pairs in the bin over all frames.";
  if (!fully_periodic_)
    table.sentence += " Normalised by the volume of the cell, which has open faces.";
  table.columns.push_back({"count", "", {bins}, std::move(whole)});
  return table;
}

std::vector<double> Rdf::counts(const Communicator& comm) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), histogram_);
  Kokkos::fence("Rdf::counts: the host reads what kernels wrote");
  std::vector<double> all(host.extent(0));
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<double>(host(k));
  Reductions sums;
  for (double& count : all) sums.sum(count);
  comm.reduce_now(std::move(sums));
  return all;
}

void Rdf::save(io::CheckpointWriter& writer) const {
  const std::string group = "observables/" + context_.group + "/";
  writer.add(group + "counts", counts(writer.comm()));
  writer.add_one(group + "frames", frames_);
  writer.add_one(group + "inverse_volumes", inverse_volumes_);
}

void Rdf::restore(const io::CheckpointReader& reader) {
  const std::string group = "observables/" + context_.group + "/";
  const auto all = reader.read<double>(group + "counts");
  const auto host = Kokkos::create_mirror_view(histogram_);
  if (all.size() != host.extent(0))
    throw CheckpointError("'" + reader.path().string() + "' holds " + std::to_string(all.size()) +
                          " bins of " + context_.group + ", expected " +
                          std::to_string(host.extent(0)));
  // The sum is all that matters: one rank goes on from all of it.
  for (std::size_t k = 0; k < all.size(); ++k)
    host(k) = rank_ == 0 ? saved_count(all[k], "a bin of " + context_.group) : 0;
  Kokkos::deep_copy(histogram_, host);
  frames_ = read_between(reader, group + "frames", 0, kMostSaved);
  inverse_volumes_ = read_finite(reader, group + "inverse_volumes");
}

std::vector<io::ObservableTable> Rdf::tables(const Communicator& comm) const {
  const auto bins = static_cast<std::size_t>(options_.bins);
  const auto counts = this->counts(comm);
  std::vector<io::ObservableTable> out;
  std::vector<double> total(bins), one(bins);
  double all_pairs = 0;
  for (std::size_t k = 0; k < options_.pairs.size(); ++k) {
    const auto [a, b] = options_.pairs[k];
    for (std::size_t i = 0; i < bins; ++i) total[i] += one[i] = counts[k * bins + i];
    all_pairs += expected_pairs(options_.pairs[k]);
    out.push_back(table(context_.species[static_cast<std::size_t>(a)].name + "-" +
                            context_.species[static_cast<std::size_t>(b)].name,
                        one, expected_pairs(options_.pairs[k])));
  }
  if (curves_ == Curves::named_and_total) out.push_back(table("all", total, all_pairs));
  return out;
}

namespace {

/// Index of the species that `name` holds; a fault, and none, where there is no such species.
std::optional<int> type_named(const io::Config& name, const std::vector<Species>& species) {
  std::vector<std::string> names;
  for (const Species& s : species) names.push_back(s.name);
  const auto found = std::find(names.begin(), names.end(), name.text());
  if (found != names.end()) return static_cast<int>(found - names.begin());
  std::string known;
  for (const std::string& n : names) known += (known.empty() ? "" : ", ") + n;
  name.fault("unknown species '" + name.text() + "', expected one of " + known);
  return std::nullopt;
}

std::vector<std::array<int, 2>> pairs_of(const io::Config& list,
                                         const std::vector<Species>& species) {
  std::vector<std::array<int, 2>> pairs;
  for (const io::Config& item : list.items()) {
    const auto names = item.items();
    const auto a = type_named(names[0], species), b = type_named(names[1], species);
    if (!a || !b) continue;
    const std::array<int, 2> pair{*a, *b}, mirrored{*b, *a};
    const auto known = [&](const auto& p) { return p == pair || p == mirrored; };
    if (std::any_of(pairs.begin(), pairs.end(), known))
      item.fault("the pair " + names[0].text() + ", " + names[1].text() +
                 " is listed twice; list each pair once");
    else
      pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace

void add_rdf(ObservableRegistry& registry) {
  using io::Key;
  const auto pair = io::list(io::text(), 2, 2);
  registry.add(
      "rdf", "Radial distribution functions of pairs of species.",
      io::mapping({every_key(),
                   Key("cutoff", io::real(Quantity::length).above(0),
                       "Largest distance; may exceed the potential's cutoff and half of the cell.")
                       .required_(),
                   Key("bins", io::integer().min(1).max(100000), "Number of bins of equal width.")
                       .or_("200"),
                   Key("pairs", io::any_of({io::word({"all"}), io::list(pair, 1)}),
                       "Pairs of species, `[[A, B], ...]`; `all`: every pair, and all atoms alike.")
                       .or_("all")}),
      [](const io::Config& options, const ObservableContext& context) {
        Rdf::Options o;
        o.schedule = schedule_of(options);
        o.cutoff = options["cutoff"].real();
        o.bins = static_cast<int>(options["bins"].integer());
        if (!options["pairs"].is("all")) o.pairs = pairs_of(options["pairs"], context.species);
        return std::make_unique<Rdf>(o, context);
      });
}

}  // namespace r1::md
