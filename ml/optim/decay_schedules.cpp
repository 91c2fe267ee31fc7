// Rates that fall by a factor every so many steps n:  step  lr factor^floor(step/n);  exponential  lr factor^(step/n).
// SPDX-License-Identifier: Apache-2.0
#include "ml/optim/schedule.hpp"

#include <cmath>

namespace r1::ml {
namespace {

enum class Fall : std::uint8_t { in_steps, smooth };

class Decaying final : public Schedule {
 public:
  Decaying(double rate, double factor, double every, Fall fall)
      : rate_(rate), factor_(factor), every_(every), fall_(fall) {}
  double rate(std::int64_t step) const override {
    const double power = static_cast<double>(step) / every_;
    return rate_ * std::pow(factor_, fall_ == Fall::smooth ? power : std::floor(power));
  }

 private:
  double rate_, factor_, every_;
  Fall fall_;
};

}  // namespace

void add_decay_schedules(ScheduleRegistry& registry) {
  using namespace io;
  std::vector<Key> keys{
      Key("lr", real().above(0), "Rate at the start.").required_(),
      Key("factor", real().above(0).max(1), "What the rate is multiplied with.").or_("0.1"),
  };
  for (auto& key : length_keys("every", "Time from one fall to the next")) keys.push_back(key);
  const Schema options =
      with_rule(mapping(std::move(keys)), Rule::exactly_one, {"every_epochs", "every_steps"});
  const auto factory = [](Fall fall) {
    return [fall](const Config& config, const ScheduleContext& context) {
      const double every = length_of(config, "every", context);
      if (!(every > 0)) config.fault("the time from one fall to the next is 0");
      return std::make_unique<Decaying>(config["lr"].real(), config["factor"].real(), every, fall);
    };
  };
  const char* example = "{lr: 1e-3, factor: 0.5, every_steps: 10}";
  registry.add("step", "Falls by a factor now and then.", options, factory(Fall::in_steps),
               example);
  registry.add("exponential", "Falls by a factor, smoothly.", options, factory(Fall::smooth),
               example);
}

}  // namespace r1::ml
