// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/keeper.hpp"

#include <algorithm>

namespace r1::md {

CheckpointKeeper::CheckpointKeeper(Simulation& simulation, io::CheckpointStore store,
                                   io::Provenance provenance, CheckpointSchedule schedule,
                                   std::function<Request()> outside)
    : simulation_(simulation),
      store_(std::move(store)),
      provenance_(std::move(provenance)),
      schedule_(schedule),
      outside_(std::move(outside)) {}

bool CheckpointKeeper::is_due() {
  const auto step = simulation_.step() + 1;  // the one that is being made
  if (schedule_.steps > 0 && step % schedule_.steps == 0 && step != due_step_) {
    due_step_ = step;
    return true;
  }
  return schedule_.interval.count() > 0 && simulation_.comm().rank() == 0 &&
         Clock::now() - last_ >= schedule_.interval;
}

Request CheckpointKeeper::wanted() {
  return std::max(outside_(), is_due() ? Request::save : Request::nothing);
}

void CheckpointKeeper::save() {
  const auto start = Clock::now();
  auto& profile = simulation_.profile();
  io::CheckpointWriter writer(simulation_.comm(), [&profile] { profile.move(); });
  simulation_.save(writer);
  for (const auto& part : parts_) {
    profile.move();
    part(writer);
  }
  provenance_.created_utc = io::utc_now();
  store_.save(writer, provenance_);
  last_ = Clock::now();
  const std::chrono::duration<double> taken = last_ - start;
  longest_ = std::max(longest_, taken);
  if (events_ != nullptr) events_->checkpoint(simulation_.step(), taken.count());
}

}  // namespace r1::md
