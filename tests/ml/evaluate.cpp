// SPDX-License-Identifier: Apache-2.0
#include "tests/ml/evaluate.hpp"

#include "ml/runtime/dispatch.hpp"

#include <cmath>
#include <numeric>
#include <random>

namespace r1::ml::test {

Tensor tensor_of(const Type& type, const Reals& values) {
  return with_type(type.dtype, [&]<class T>() {
    std::vector<T> typed;
    for (const double value : values) typed.push_back(static_cast<T>(value));
    return Tensor(type, typed);
  });
}

Reals reals_of(const Tensor& tensor) {
  return with_type(tensor.type().dtype, [&]<class T>() {
    Reals values;
    for (const auto value : tensor.to_host<T>()) values.push_back(static_cast<double>(value));
    return values;
  });
}

Reals random_reals(const Type& type, double low, double high, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  Reals values(static_cast<std::size_t>(type.shape.elements()));
  for (double& value : values) {
    value = uniform(generator);
    if (!is_floating(type.dtype)) value = std::floor(value);
  }
  return values;
}

double dot(const Reals& a, const Reals& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Evaluator::Evaluator(const Graph& graph, const Communicator& communicator)
    : plan_(graph, communicator) {
  for (const auto& input : graph.inputs()) {
    tensors_.emplace(input.name, Tensor(input.value.type()));
    plan_.bind(input.name, tensors_.at(input.name));
  }
}

void Evaluator::set(const std::string& input, const Reals& values) {
  auto& tensor = tensors_.at(input);
  with_type(tensor.type().dtype, [&]<class T>() {
    std::vector<T> typed;
    for (const double value : values) typed.push_back(static_cast<T>(value));
    tensor.set(typed);
  });
}

void Evaluator::run() {
  const Exec exec;
  plan_.run(exec);
  exec.fence();
}

Reals Evaluator::output(const std::string& name) const { return reals_of(plan_.output(name)); }
Reals Evaluator::input(const std::string& name) const { return reals_of(tensors_.at(name)); }

double Evaluator::slope(const std::string& name, const std::string& by, std::size_t at,
                        double step) {
  const Reals here = input(by);
  double value[2];
  for (const int side : {0, 1}) {
    Reals moved = here;
    moved[at] += side == 0 ? -step : step;
    set(by, moved);
    run();
    value[side] = output(name)[0];
  }
  set(by, here);
  return (value[1] - value[0]) / (2 * step);
}

}  // namespace r1::ml::test
