// Adam (Kingma, Ba, arXiv:1412.6980, algorithm 1) and AdamW (Loshchilov, Hutter, arXiv:1711.05101, algorithm 2):
//   m = b1 m + (1 - b1) g     v = b2 v + (1 - b2) g^2
//   p = p - rate (m/(1 - b1^t) / (sqrt(v/(1 - b2^t)) + eps)  +  decay p)
// Adam adds decay p to the gradient instead. Decay acts on parameters that are marked for it.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/optim/optimizer.hpp"

#include <cmath>

namespace r1::ml {
namespace {

enum class DecayBy : std::uint8_t { gradient, step };

struct AdamOptions {
  double b1, b2, epsilon, decay;
  DecayBy decay_by;
};

class Adam final : public Optimizer {
 public:
  Adam(std::string name, AdamOptions options) : name_(std::move(name)), options_(options) {}

  void update(Graph& graph, const std::vector<Parameter>& parameters, const Values& gradients,
              const Value& learning_rate, const Value& ok) const override {
    const Scope scope(graph.store(), name_);
    const auto count = name_ + ".t";
    const Value t = graph.input(count, {Dtype::i64, {}}, Role::state) + 1.0;
    update_if(graph, count, t, ok);
    const Value steps = cast(t, learning_rate.dtype());
    const Corrections corrections{1.0 - exp(steps * std::log(options_.b1)),
                                  1.0 - exp(steps * std::log(options_.b2))};
    for (std::size_t k = 0; k < parameters.size(); ++k)
      update_one(graph, parameters[k], gradients[k], {learning_rate, ok, corrections});
  }

 private:
  struct Corrections {
    Value first, second;  // 1 - b^t
  };
  struct Step {
    Value rate, ok;
    Corrections corrections;
  };

  void update_one(Graph& graph, const Parameter& parameter, const Value& gradient,
                  const Step& step) const {
    const auto& o = options_;
    const Value p = graph.input_named(parameter.name).value;
    const double decay = parameter.decay == Decay::yes ? o.decay : 0;
    Value g = gradient;
    if (o.decay_by == DecayBy::gradient && decay != 0) g = g + decay * p;
    const auto moment = [&](const char* which, double b, const Value& with) {
      const auto name = name_ + '.' + which + '.' + parameter.name;
      const Value next = b * graph.input(name, p.type(), Role::state) + (1 - b) * with;
      update_if(graph, name, next, step.ok);
      return next;
    };
    const Value m = moment("m", o.b1, g), v = moment("v", o.b2, square(g));
    Value direction = m / step.corrections.first / (sqrt(v / step.corrections.second) + o.epsilon);
    if (o.decay_by == DecayBy::step && decay != 0) direction = direction + decay * p;
    update_if(graph, parameter.name, p - step.rate * direction, step.ok);
  }

  std::string name_;
  AdamOptions options_;
};

}  // namespace

void add_adam(OptimizerRegistry& registry) {
  using namespace io;
  const auto options = [](const char* decay) {
    return mapping({
        Key("betas", list(real().min(0).max(0.9999999), 2, 2), "Memory of the two moments.")
            .or_("[0.9, 0.999]"),
        Key("epsilon", real().above(0), "Added to the root of the second moment.").or_("1e-8"),
        Key("weight_decay", real().min(0), "Pull of matrices and kernels towards 0.").or_(decay),
    });
  };
  const auto factory = [](const char* name, DecayBy decay_by) {
    return [name, decay_by](const Config& c, const OptimizerContext&) {
      const auto betas = c["betas"].reals();
      return std::make_unique<Adam>(name, AdamOptions{betas[0], betas[1], c["epsilon"].real(),
                                                      c["weight_decay"].real(), decay_by});
    };
  };
  registry.add("adam", "Adam; decay is part of the gradient.", options("0"),
               factory("adam", DecayBy::gradient));
  registry.add("adamw", "Adam with decay beside the gradient.", options("0.01"),
               factory("adamw", DecayBy::step));
}

}  // namespace r1::ml
