// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/stages.hpp"

#include "apps/r1md/closing.hpp"
#include "md/checkpoint/saved_values.hpp"
#include "md/stages/dynamics.hpp"
#include "md/stages/evaluate.hpp"

#include <iostream>
#include <utility>

namespace r1::apps {
namespace {

constexpr const char* kEvaluateFile = "evaluate.xyz";

md::MinimizeOptions options_of(const md::MinimizeStage& stage) {
  return {stage.force_tolerance, stage.max_steps};
}

}  // namespace

void StageRunner::resume_from(const io::CheckpointReader& reader) {
  resumed_ = &reader;
  const auto& stages = work_.settings.stages;
  index_ = md::read_between(reader, "stages/index", 0, std::ssize(stages) - 1);
  done_.steps = md::read_between(reader, "stages/steps", 0, md::kMostSaved);
  done_.seconds = md::read_finite(reader, "stages/seconds");
  evaluated_bytes_ = md::read_between(reader, "stages/evaluated_bytes", 0, md::kMostSaved);
  if (!md::Minimizer::is_in(reader)) return;
  const auto* stage = std::get_if<md::MinimizeStage>(&stages[static_cast<std::size_t>(index_)]);
  if (stage == nullptr)
    throw CheckpointError("'" + reader.path().string() +
                          "' is of a minimisation, the input's stage is none");
  minimizer_ = std::make_unique<md::Minimizer>(work_.simulation, options_of(*stage));
  minimizer_->restore(reader);
}

void StageRunner::save(io::CheckpointWriter& writer) const {
  writer.add_one("stages/index", index_);
  const auto steps = work_.simulation.step() - first_here_;
  writer.add_one("stages/steps", done_.steps + steps);
  writer.add_one("stages/seconds", done_.seconds + (steps > 0 ? seconds() : 0));
  writer.add_one("stages/evaluated_bytes",
                 evaluated_ ? static_cast<std::int64_t>(evaluated_->size()) : evaluated_bytes_);
  if (minimizer_) minimizer_->save(writer);
}

StagesDone StageRunner::run() {
  const auto& stages = work_.settings.stages;
  for (; index_ < std::ssize(stages); ++index_) {
    label_ = "stage " + std::to_string(index_ + 1) + "/" + std::to_string(stages.size());
    start_ = Clock::now();
    first_here_ = work_.simulation.step();
    const auto& stage = stages[static_cast<std::size_t>(index_)];
    done_.ended =
        std::visit([&](const auto& s) { return run_one(static_cast<int>(index_), s); }, stage);
    const auto steps = work_.simulation.step() - first_here_;
    done_.steps += steps;
    if (steps > 0) done_.seconds += seconds();
    if (done_.ended == md::Ended::stopped) break;
    resumed_ = nullptr;
  }
  if (evaluated_) evaluated_->close();
  return done_;
}

md::Ended StageRunner::run_one(int index, const md::DynamicsStage& stage) {
  const auto* resumed = resumed_ != nullptr && resumed_->has("dynamics/done") ? resumed_ : nullptr;
  const auto behind = resumed != nullptr ? resumed->read_one<std::int64_t>("dynamics/done") : 0;
  const auto first = work_.simulation.step() - behind;
  work_.outputs.events().stage_begin(index, "dynamics", stage.steps, first);
  work_.progress.begin(label_, first, stage.steps);
  const auto ended = md::run_dynamics(work_.simulation, stage, work_.registries.integrators,
                                      work_.registries.thermostats, work_.settings.seed, resumed);
  Exec().fence();  // the clock is read next
  work_.progress.end();
  if (ended == md::Ended::completed)
    work_.outputs.events().stage_end(index, "dynamics", stage.steps, seconds());
  return ended;
}

md::Ended StageRunner::run_one(int index, const md::MinimizeStage& stage) {
  work_.outputs.events().stage_begin(index, "minimize", 0);
  if (!minimizer_)
    minimizer_ = std::make_unique<md::Minimizer>(work_.simulation, options_of(stage));
  const auto result = minimizer_->run();
  minimizer_.reset();
  if (result.end == md::MinimizeResult::End::stopped) return md::Ended::stopped;
  const bool found = result.end == md::MinimizeResult::End::converged;
  if (work_.parallel.world.rank() == 0)
    std::cout << minimum_text({result.steps, result.potential_energy, result.max_force,
                               found ? MinimumLine::End::found : MinimumLine::End::not_found},
                              work_.settings.units.style);
  if (!found)
    warn("the minimum was not found in " + std::to_string(result.steps) +
         " steps; raise max_steps, or the tolerance of the force");
  work_.outputs.events().stage_end(index, "minimize", result.steps, seconds());
  return md::Ended::completed;
}

md::Ended StageRunner::run_one(int index, const md::EvaluateStage& stage) {
  work_.outputs.events().stage_begin(index, "evaluate", 0);
  const auto sink = [&](const md::EvaluatedFrame& frame) {
    write_evaluation(frame.extxyz);
    std::cout << evaluation_text(
        {frame.index, frame.atoms, frame.potential_energy, frame.largest_force},
        work_.settings.units.style);
  };
  if (stage.frames)
    md::evaluate_frames(work_.simulation, *stage.frames, sink);
  else
    md::evaluate(work_.simulation, sink);
  if (evaluated_) evaluated_->sync();
  work_.outputs.events().stage_end(index, "evaluate", 0, seconds());
  return md::Ended::completed;
}

void StageRunner::write_evaluation(const std::string& extxyz) {
  if (!evaluated_) {
    using Open = io::AppendFile::Open;
    const bool continued = evaluated_bytes_ > 0;
    evaluated_.emplace(work_.folder / kEvaluateFile, continued ? Open::extend : Open::replace);
    if (continued) evaluated_->truncate(static_cast<std::uint64_t>(evaluated_bytes_));
  }
  evaluated_->write(extxyz);
}

void StageRunner::warn(const std::string& message) {
  if (work_.parallel.world.rank() != 0) return;
  work_.parallel.log.warning(message);
  work_.outputs.events().warning(message);
}

double StageRunner::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

}  // namespace r1::apps
