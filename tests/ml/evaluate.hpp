// Values of graphs for tests: inputs are vectors of doubles on the host, whatever their element type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"
#include "ml/runtime/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace r1::ml::test {

using Reals = std::vector<double>;

/// A plan and the tensors that are bound to it.
class Evaluator {
 public:
  explicit Evaluator(const Graph& graph, const Communicator& communicator = Communicator::self());
  /// As many values as the input has elements.
  void set(const std::string& input, const Reals& values);
  void run();
  Reals output(const std::string& name) const;
  Reals input(const std::string& name) const;
  /// Central difference of element 0 of `output` by element `at` of `input`, which keeps its value; outputs are those of a moved input
  /// until the next run.
  double slope(const std::string& output, const std::string& input, std::size_t at, double step);
  Plan& plan() { return plan_; }

 private:
  Plan plan_;
  std::map<std::string, Tensor> tensors_;
};

Tensor tensor_of(const Type& type, const Reals& values);
Reals reals_of(const Tensor& tensor);

/// Uniform in [low, high); the same for the same seed. Whole numbers where `type` is not floating.
Reals random_reals(const Type& type, double low, double high, std::uint64_t seed);

double dot(const Reals& a, const Reals& b);

}  // namespace r1::ml::test
