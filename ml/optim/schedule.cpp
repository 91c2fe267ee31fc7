// SPDX-License-Identifier: Apache-2.0
#include "ml/optim/schedule.hpp"

namespace r1::ml {
namespace {

class Constant final : public Schedule {
 public:
  explicit Constant(double rate) : rate_(rate) {}
  double rate(std::int64_t) const override { return rate_; }

 private:
  double rate_;
};

}  // namespace

ScheduleRegistry builtin_schedules() {
  ScheduleRegistry registry;
  add_constant_schedule(registry);
  add_cosine_warmup_schedule(registry);
  add_decay_schedules(registry);
  return registry;
}

std::vector<io::Key> length_keys(const std::string& name, const std::string& sentence) {
  return {io::Key(name + "_epochs", io::real().min(0), sentence + ", in epochs."),
          io::Key(name + "_steps", io::integer().min(0), sentence + ", in steps.")};
}

double length_of(const io::Config& config, const std::string& name,
                 const ScheduleContext& context) {
  if (config.has(name + "_steps")) return static_cast<double>(config[name + "_steps"].integer());
  if (!config.has(name + "_epochs")) return 0;
  return config[name + "_epochs"].real() * static_cast<double>(context.steps_per_epoch);
}

void add_constant_schedule(ScheduleRegistry& registry) {
  using namespace io;
  registry.add(
      "constant", "The same rate for ever.",
      mapping({Key("lr", real().above(0), "Learning rate.").required_()}, "lr"),
      [](const Config& config, const ScheduleContext&) {
        return std::make_unique<Constant>(config["lr"].real());
      },
      "{lr: 1e-3}");
}

}  // namespace r1::ml
