// Gradient descent with momentum (Sutskever, Martens, Dahl, Hinton, ICML 2013):
//   g = g + decay p     v = momentum v + g     p = p - rate v,  or with Nesterov's: p = p - rate (g + momentum v)
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/arithmetic.hpp"
#include "ml/optim/optimizer.hpp"

namespace r1::ml {
namespace {

enum class Nesterov : std::uint8_t { no, yes };

class Sgd final : public Optimizer {
 public:
  Sgd(double momentum, Nesterov nesterov, double decay)
      : momentum_(momentum), nesterov_(nesterov), decay_(decay) {}

  void update(Graph& graph, const std::vector<Parameter>& parameters, const Values& gradients,
              const Value& learning_rate, const Value& ok) const override {
    const Scope scope(graph.store(), "sgd");
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      const auto& parameter = parameters[k];
      const Value p = graph.input_named(parameter.name).value;
      Value g = gradients[k];
      if (parameter.decay == Decay::yes && decay_ != 0) g = g + decay_ * p;
      const Value next = p - learning_rate * direction(graph, parameter, g, ok);
      update_if(graph, parameter.name, next, ok);
    }
  }

 private:
  Value direction(Graph& graph, const Parameter& parameter, const Value& g, const Value& ok) const {
    if (momentum_ == 0) return g;
    const auto name = "sgd.velocity." + parameter.name;
    const Value v = momentum_ * graph.input(name, g.type(), Role::state) + g;
    update_if(graph, name, v, ok);
    return nesterov_ == Nesterov::yes ? g + momentum_ * v : v;
  }

  double momentum_;
  Nesterov nesterov_;
  double decay_;
};

}  // namespace

void add_sgd(OptimizerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("momentum", real().min(0).max(0.9999999), "Memory of the velocity.").or_("0"),
      Key("nesterov", boolean(), "Nesterov's form of momentum.").or_("false"),
      Key("weight_decay", real().min(0), "Pull of matrices and kernels towards 0.").or_("0"),
  });
  registry.add(
      "sgd", "Stochastic gradient descent.", options, [](const Config& c, const OptimizerContext&) {
        return std::make_unique<Sgd>(c["momentum"].real(),
                                     c["nesterov"].boolean() ? Nesterov::yes : Nesterov::no,
                                     c["weight_decay"].real());
      });
}

}  // namespace r1::ml
