// SPDX-License-Identifier: Apache-2.0
#include "md/observables/msd.hpp"

#include "md/checkpoint/saved_values.hpp"

#include <algorithm>

namespace r1::md {
namespace {

using Reference = View<double* [3]>;

struct Unwrapped {
  Box box;
  Quads x;
  View<std::int32_t* [3]> image;

  KOKKOS_INLINE_FUNCTION Vec3 operator()(int i) const {
    Vec3 u = box.displacement(image(i, 0), image(i, 1), image(i, 2));
    for (int d = 0; d < 3; ++d) u[d] += x(i, d);
    return u;
  }
};

Unwrapped unwrapped(const System& system) { return {system.box, system.x(), system.image()}; }

void take_reference(const Exec& exec, const System& system, Reference reference) {
  const Unwrapped at = unwrapped(system);
  Kokkos::parallel_for(
      "Msd::take_reference", Range(exec, 0, system.n_local), KOKKOS_LAMBDA(int i)->void {
        const Vec3 u = at(i);
        for (int d = 0; d < 3; ++d) reference(i, d) = u[d];
      });
}

/// Sum of |u − reference − drift|² of this rank's atoms of one type.
WideSums<1> sum_of_squares(const Exec& exec, const System& system, Reference reference, int t,
                           const Vec3& drift) {
  const Unwrapped at = unwrapped(system);
  const auto type = system.type();
  const auto fixed = system.fixed;
  WideSums<1> sum;
  Kokkos::parallel_reduce(
      "Msd::sum_of_squares", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<1>& s)->void {
        if (type(i) != t) return;
        const Vec3 u = at(i);
        double square = 0;
        for (int d = 0; d < 3; ++d) {
          const double moved = u[d] - reference(i, d) - drift[d];
          square += moved * moved;
        }
        s.add(0, square, fixed);
      },
      Kokkos::Sum<WideSums<1>>(sum));
  return sum;
}

/// This rank's sums of m and of m (u − reference).
WideSums<4> moments(const Exec& exec, const System& system, Reference reference) {
  const Unwrapped at = unwrapped(system);
  const auto type = system.type();
  const auto mass = system.mass;
  const auto fixed = system.fixed;
  WideSums<4> sums;
  Kokkos::parallel_reduce(
      "Msd::moments", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<4>& sum)->void {
        const Vec3 u = at(i);
        const double w = mass(type(i));
        sum.add(0, w, fixed);
        for (int d = 0; d < 3; ++d) sum.add(1 + d, w * (u[d] - reference(i, d)), fixed);
      },
      Kokkos::Sum<WideSums<4>>(sums));
  return sums;
}

}  // namespace

Msd::Msd(Schedule schedule, Drift drift, const ObservableContext& context)
    : Observable(schedule), drift_(drift), context_(context), by_type_(context.species.size()) {}

void Msd::register_fields(System& system) {
  FieldTraits traits;  // local, migrates, checkpointed
  reference_ = system.fields.add<double, 3>({context_.group + "_reference", 3, "length", traits});
}

void Msd::attach(Simulation& simulation) {
  atoms_ = count_by_type(simulation.exec(), simulation.system(), simulation.comm());
}

Vec3 Msd::centre_of_mass_displacement(const Simulation& simulation) const {
  if (drift_ == Drift::kept) return {0, 0, 0};
  const System& system = simulation.system();
  const auto sums = total_of(moments(simulation.exec(), system, system.fields.view(reference_)),
                             system.fixed, simulation.comm());
  if (!(sums[0] > 0)) return {0, 0, 0};
  return {sums[1] / sums[0], sums[2] / sums[0], sums[3] / sums[0]};
}

void Msd::observe(Simulation& simulation) {
  const System& system = simulation.system();
  const auto reference = system.fields.view(reference_);
  if (step_.empty()) take_reference(simulation.exec(), system, reference);
  const Vec3 drift = centre_of_mass_displacement(simulation);
  std::vector<WideSums<1>> sums(by_type_.size());
  Reductions reductions;
  for (std::size_t t = 0; t < sums.size(); ++t) {
    sums[t] = sum_of_squares(simulation.exec(), system, reference, static_cast<int>(t), drift);
    join(reductions, sums[t], system.fixed);
  }
  simulation.comm().reduce_now(std::move(reductions));
  double total = 0;
  for (std::size_t t = 0; t < sums.size(); ++t) {
    const double sum = totals_of(sums[t], system.fixed)[0];
    total += sum;
    by_type_[t].push_back(atoms_[t] > 0 ? sum / static_cast<double>(atoms_[t]) : 0);
  }
  step_.push_back(simulation.step());
  time_.push_back(simulation.time());
  const auto n = static_cast<double>(system.n_global);
  total_.push_back(n > 0 ? total / n : 0);
}

std::vector<io::ObservableTable> Msd::tables(const Communicator&) const {
  std::vector<io::MsdCurve> curves;
  for (std::size_t t = 0; t < by_type_.size(); ++t)
    curves.push_back({context_.species[t].name, by_type_[t]});
  auto table = io::msd_table(context_.units.style, step_, time_, total_, curves);
  table.group = context_.group;
  if (drift_ == Drift::removed) table.sentence += " Relative to the centre of mass.";
  return {std::move(table)};
}

void Msd::save(io::CheckpointWriter& writer) const {
  const std::string group = "observables/" + context_.group + "/";
  writer.add(group + "step", step_);
  writer.add(group + "time", time_);
  writer.add(group + "total", total_);
  for (std::size_t t = 0; t < by_type_.size(); ++t)
    writer.add(group + "species_" + std::to_string(t), by_type_[t]);
}

void Msd::restore(const io::CheckpointReader& reader) {
  const std::string group = "observables/" + context_.group + "/";
  step_ = reader.read<std::int64_t>(group + "step");
  time_ = reader.read<double>(group + "time");
  total_ = reader.read<double>(group + "total");
  for (std::size_t t = 0; t < by_type_.size(); ++t)
    by_type_[t] = reader.read<double>(group + "species_" + std::to_string(t));
  const auto fits = [&](const auto& column) { return column.size() == step_.size(); };
  if (!fits(time_) || !fits(total_) || !std::all_of(by_type_.begin(), by_type_.end(), fits))
    refuse_saved("'" + group + "*'", "columns of several lengths", "one length");
}

void add_msd(ObservableRegistry& registry) {
  registry.add("msd", "Mean squared displacement from the first observation's positions.",
               io::mapping({every_key(),
                            io::Key("remove_drift", io::boolean(),
                                    "Whether the displacement of the centre of mass is subtracted.")
                                .or_("false")}),
               [](const io::Config& options, const ObservableContext& context) {
                 const auto drift =
                     options["remove_drift"].boolean() ? Msd::Drift::removed : Msd::Drift::kept;
                 return std::make_unique<Msd>(schedule_of(options), drift, context);
               });
}

}  // namespace r1::md
