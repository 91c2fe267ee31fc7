// SPDX-License-Identifier: Apache-2.0
#include "md/output/output_set.hpp"

#include "md/checkpoint/saved_values.hpp"
#include "md/output/progress_output.hpp"
#include "md/output/trajectory_output.hpp"

#include <algorithm>
#include <map>

namespace r1::md {
namespace {

constexpr std::chrono::seconds kProgressInterval{10};

/// The simulation's share of an observer that the set keeps, too.
class Shared : public Observer {
 public:
  explicit Shared(std::shared_ptr<Observer> observer) : observer_(std::move(observer)) {}
  bool due(std::int64_t step, Place place) const override { return observer_->due(step, place); }
  Tally::Level needs() const override { return observer_->needs(); }
  void observe(Simulation& simulation) override { observer_->observe(simulation); }

 private:
  std::shared_ptr<Observer> observer_;
};

bool holds(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

OutputSet::OutputSet(const OutputSettings& settings, const ObservableRegistry& registry,
                     const Units& units, const std::vector<Species>& species)
    : settings_(settings) {
  std::map<std::string, int> made;  // of each kind
  for (const io::Config& chosen : settings_.observables) {
    const int n = ++made[chosen.kind()];
    std::string group = chosen.kind();
    if (n > 1) group.append("_").append(std::to_string(n));
    observables_.push_back(registry.make(chosen, {units, species, group}));
  }
}

void OutputSet::register_fields(System& system) {
  for (const auto& observable : observables_) observable->register_fields(system);
}

void OutputSet::attach(Simulation& simulation, const std::filesystem::path& directory,
                       const io::Provenance& provenance, const io::CheckpointReader* resumed) {
  using Open = io::AppendFile::Open;
  directory_ = directory;
  provenance_ = provenance;
  if (simulation.comm().rank() == 0) {
    events_ = std::make_shared<EventLog>(directory / "run.jsonl",
                                         resumed != nullptr ? Open::extend : Open::replace);
    simulation.add(std::make_unique<ProgressOutput>(events_, kProgressInterval, simulation));
  }
  thermo_ = std::make_shared<ThermoOutput>(Schedule{settings_.thermo_every},
                                           directory / "thermo.csv", simulation.comm(), resumed);
  outputs_.push_back(thermo_);
  if (settings_.trajectory) attach_trajectory(simulation, resumed);
  for (const auto& output : outputs_) simulation.add(std::make_unique<Shared>(output));
  for (const auto& observable : observables_) {
    observable->attach(simulation);
    if (resumed != nullptr) observable->restore(*resumed);
    simulation.add(std::make_unique<Shared>(observable));
  }
}

void OutputSet::attach_trajectory(Simulation& simulation, const io::CheckpointReader* resumed) {
  const TrajectorySettings& t = *settings_.trajectory;
  const FrameFields fields{holds(t.fields, "image"), holds(t.fields, "velocity"),
                           holds(t.fields, "force")};
  std::vector<std::unique_ptr<FrameWriter>> writers;
  std::vector<std::int64_t> positions;
  if (resumed != nullptr) positions = resumed->read<std::int64_t>("output/trajectory");
  for (const auto position : positions)
    if (position < 0)
      refuse_saved("'output/trajectory'", std::to_string(position), "a length of 0 or more");
  const auto keep = [&]() -> std::optional<std::int64_t> {
    if (writers.size() >= positions.size()) return std::nullopt;
    return positions[writers.size()];
  };
  if (simulation.comm().rank() == 0) {
    const auto precision = t.precision == TrajectorySettings::Precision::single
                               ? io::StoredPrecision::float32
                               : io::StoredPrecision::float64;
    if (holds(t.formats, "h5md"))
      writers.push_back(
          make_h5md_writer(directory_ / "trajectory.h5md", fields, precision, provenance_, keep()));
    if (holds(t.formats, "extxyz"))
      writers.push_back(make_extxyz_writer(directory_ / "trajectory.xyz", keep()));
  }
  outputs_.push_back(
      std::make_shared<TrajectoryOutput>(Schedule{t.every}, fields, std::move(writers)));
}

void OutputSet::flush(Simulation& simulation) {
  for (const auto& output : outputs_) output->flush(simulation);
  std::vector<io::ObservableTable> tables;
  for (const auto& observable : observables_)
    for (auto& table : observable->tables(simulation.comm())) tables.push_back(std::move(table));
  if (simulation.comm().rank() != 0) return;
  if (!tables.empty()) io::write_observables(directory_ / "observables.h5", provenance_, tables);
  events_->sync();
}

void OutputSet::save(Simulation& simulation, io::CheckpointWriter& writer) {
  flush(simulation);
  for (const auto& output : outputs_) output->save(writer);
  for (const auto& observable : observables_) observable->save(writer);
}

Summary OutputSet::finish(Simulation& simulation, const RunFacts& facts) {
  flush(simulation);
  for (const auto& output : outputs_) output->close(simulation);
  Summary summary = summarize(simulation, facts, *thermo_);
  events_->timings(summary.phases);
  if (simulation.comm().rank() == 0) write_summary(directory_ / "summary.json", summary);
  return summary;
}

}  // namespace r1::md
