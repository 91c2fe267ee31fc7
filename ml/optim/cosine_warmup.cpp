// Linear warm-up, then half a cosine (Loshchilov, Hutter, arXiv:1608.03983, eq. 5, without restarts), then the least rate. With w steps
// of warm-up and T in all:
//   step < w:       max (step + 1)/(w + 1)
//   w <= step < T:  min + (max - min)(1 + cos(pi (step - w)/(T - w)))/2
// SPDX-License-Identifier: Apache-2.0
#include "ml/optim/schedule.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace r1::ml {
namespace {

class CosineWarmup final : public Schedule {
 public:
  CosineWarmup(double warmup, double total, double most, double least)
      : warmup_(warmup), total_(total), most_(most), least_(least) {}
  double rate(std::int64_t step) const override {
    const auto at = static_cast<double>(step);
    if (at < warmup_) return most_ * (at + 1) / (warmup_ + 1);
    if (at >= total_) return least_;
    const double phase = std::numbers::pi * (at - warmup_) / (total_ - warmup_);
    return least_ + (most_ - least_) * (1 + std::cos(phase)) / 2;
  }

 private:
  double warmup_, total_, most_, least_;
};

std::unique_ptr<Schedule> made(const io::Config& config, const ScheduleContext& context) {
  const double warmup = length_of(config, "warmup", context),
               total = length_of(config, "total", context);
  const double most = config["max_lr"].real(), least = config["min_lr"].real();
  if (warmup > total)
    config.fault(fmt::format("the warm-up takes {:g} steps, expected at most the {:g} of the whole",
                             warmup, total));
  if (least > most)
    config["min_lr"].fault(fmt::format("found {:g}, expected at most max_lr: {:g}", least, most));
  return std::make_unique<CosineWarmup>(warmup, total, most, least);
}

}  // namespace

void add_cosine_warmup_schedule(ScheduleRegistry& registry) {
  using namespace io;
  std::vector<Key> keys{
      Key("max_lr", real().above(0), "Rate after the warm-up.").required_(),
      Key("min_lr", real().min(0), "Rate at the end and afterwards.").or_("0.0"),
  };
  for (auto& key : length_keys("warmup", "Time until the rate is max_lr")) keys.push_back(key);
  for (auto& key : length_keys("total", "Time until the rate is min_lr")) keys.push_back(key);
  const Schema options = with_rule(
      with_rule(mapping(std::move(keys)), Rule::exactly_one, {"total_epochs", "total_steps"}),
      Rule::at_most_one, {"warmup_epochs", "warmup_steps"});
  registry.add("cosine_warmup", "Linear warm-up, then half a cosine.", options, made,
               "{warmup_steps: 10, total_steps: 100, max_lr: 1e-3, min_lr: 1e-5}");
}

}  // namespace r1::ml
