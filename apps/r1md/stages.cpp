// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/stages.hpp"

#include "apps/r1md/closing.hpp"
#include "io/write_file.hpp"
#include "md/minimize.hpp"
#include "md/stages/dynamics.hpp"
#include "md/stages/evaluate.hpp"

#include <chrono>
#include <iostream>
#include <optional>

namespace r1::apps {
namespace {

constexpr const char* kEvaluateFile = "evaluate.xyz";

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class StageRunner {
 public:
  explicit StageRunner(const StageWork& work) : work_(work) {}

  StagesDone run() {
    int index = 0;
    for (const auto& stage : work_.settings.stages) {
      label_ =
          "stage " + std::to_string(index + 1) + "/" + std::to_string(work_.settings.stages.size());
      const auto start = std::chrono::steady_clock::now();
      std::visit([&](const auto& s) { run_one(index, s, start); }, stage);
      ++index;
    }
    return done_;
  }

 private:
  using Start = std::chrono::steady_clock::time_point;

  void run_one(int index, const md::DynamicsStage& stage, Start start) {
    const auto first = work_.simulation.step();
    work_.outputs.events().stage_begin(index, "dynamics", stage.steps);
    work_.progress.begin(label_, first, stage.steps);
    md::run_dynamics(work_.simulation, stage, work_.registries.integrators,
                     work_.registries.thermostats, work_.settings.seed);
    Exec().fence();  // the clock is read next
    work_.progress.end();
    done_.steps += stage.steps;
    done_.seconds += seconds_since(start);
    work_.outputs.events().stage_end(index, "dynamics", stage.steps, seconds_since(start));
  }

  void run_one(int index, const md::MinimizeStage& stage, Start start) {
    work_.outputs.events().stage_begin(index, "minimize", 0);
    const auto result = md::minimize(work_.simulation, {stage.force_tolerance, stage.max_steps});
    const bool found = result.end == md::MinimizeResult::End::converged;
    if (work_.parallel.world.rank() == 0)
      std::cout << minimum_text({result.steps, result.potential_energy, result.max_force,
                                 found ? MinimumLine::End::found : MinimumLine::End::not_found},
                                work_.settings.units.style);
    if (!found)
      warn("the minimum was not found in " + std::to_string(result.steps) +
           " steps; raise max_steps, or the tolerance of the force");
    work_.outputs.events().stage_end(index, "minimize", result.steps, seconds_since(start));
  }

  void run_one(int index, const md::EvaluateStage& stage, Start start) {
    work_.outputs.events().stage_begin(index, "evaluate", 0);
    const auto sink = [&](const md::EvaluatedFrame& frame) {
      if (!evaluated_)
        evaluated_.emplace(work_.folder / kEvaluateFile, io::AppendFile::Open::replace);
      evaluated_->write(frame.extxyz);
      std::cout << evaluation_text(
          {frame.index, frame.atoms, frame.potential_energy, frame.largest_force},
          work_.settings.units.style);
    };
    if (stage.frames)
      md::evaluate_frames(work_.simulation, *stage.frames, sink);
    else
      md::evaluate(work_.simulation, sink);
    if (evaluated_) evaluated_->sync();
    work_.outputs.events().stage_end(index, "evaluate", 0, seconds_since(start));
  }

  void warn(const std::string& message) {
    if (work_.parallel.world.rank() != 0) return;
    work_.parallel.log.warning(message);
    work_.outputs.events().warning(message);
  }

  const StageWork& work_;
  std::string label_;
  std::optional<io::AppendFile> evaluated_;
  StagesDone done_;
};

}  // namespace

StagesDone run_stages(const StageWork& work) { return StageRunner(work).run(); }

}  // namespace r1::apps
