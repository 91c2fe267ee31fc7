// A network for the energy of atoms, its training on forces, and atoms to try it on: for force_matching.cpp, and for the bench that runs
// the same beside a peer's.
// Energy:  E = sum over i of w2 . tanh(W1 q_i),  q_i = sum over edges ij of B(r_ij) W0,  B_k(r) = exp(-(r - r_k)^2/(2 s^2)) (cos(pi r/r_c) + 1)/2
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/optimize.hpp"
#include "ml/runtime/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace r1::ml::force_matching {

inline constexpr std::int64_t kBasis = 8, kDescriptors = 16, kUnits = 64;
inline constexpr double kCutoff = 5;  // of edges, in the unit of positions

struct Sizes {
  std::int64_t atoms, edges;
};

/// The graph of a step: energy, forces, loss and the gradient of the loss by the three matrices.
enum class Way { reverse_over_reverse, reverse_over_forward };

struct ForceMatching {
  Graph graph;
  std::vector<std::string> parameters{"w0", "w1", "w2"};

  ForceMatching(Sizes sizes, Dtype dtype, Way way) {
    const auto input = [&](const char* name, const Shape& shape, Role role = Role::data) {
      return graph.input(name, {dtype, shape}, role);
    };
    const Value x = input("positions", {sizes.atoms, 3});
    const Value target = input("forces", {sizes.atoms, 3});
    const Values w{input("w0", {kBasis, kDescriptors}, Role::parameter),
                   input("w1", {kDescriptors, kUnits}, Role::parameter),
                   input("w2", {kUnits, 1}, Role::parameter)};
    const Value energy = energy_of(x, sizes, dtype, w);
    const Value slope = gradients(energy, {x})[0];
    const Value loss = mean(square(-slope - target), {0, 1});
    const Values g = way == Way::reverse_over_reverse
                         ? gradients(loss, w)
                         : gradients_reverse_over_forward(loss, {energy, {x}, {slope}}, w);
    graph.output("energy", energy);
    graph.output("loss", loss);
    for (std::size_t k = 0; k < w.size(); ++k) graph.output("gradient of " + parameters[k], g[k]);
  }

 private:
  /// (edges, kBasis): Gaussians of the distance, which end smoothly at the cutoff.
  static Value basis(const Value& r, std::int64_t edges) {
    const Value distance = reshape(r, {edges, 1});
    std::vector<double> centres;
    for (int k = 0; k < kBasis; ++k) centres.push_back(kCutoff * (k + 0.5) / kBasis);
    const Value from_centre = distance - constant(*r.node->store, centres, {r.dtype(), {kBasis}});
    const double width = kCutoff / kBasis;
    const Value gaussian = exp(square(from_centre) * (-0.5 / (width * width)));
    return gaussian * (0.5 * cos(distance * (std::numbers::pi / kCutoff)) + 0.5);
  }

  Value energy_of(const Value& x, Sizes sizes, Dtype dtype, const Values& w) {
    const Value first = graph.input("first", {Dtype::i32, {sizes.edges}});
    const Value second = graph.input("second", {Dtype::i32, {sizes.edges}});
    const Value shift = graph.input("shift", {dtype, {sizes.edges, 3}});  // of periodic images
    const Value between = gather(x, second) - gather(x, first) + shift;
    const Value r = sqrt(reduce_sum(square(between), {1}));
    // As the formula says; that the sum can come before the matrix a pass finds out (ml/passes/reassociate.hpp).
    const Value q = scatter_add(matmul(basis(r, sizes.edges), w[0]), first, sizes.atoms);
    return sum(matmul(tanh(matmul(q, w[1])), w[2]));
  }
};

/// Atoms at random in a periodic cube, the nearest of each as its edges, and forces that are to be met.
struct Sample {
  std::map<std::string, std::vector<double>> reals;
  std::map<std::string, std::vector<std::int32_t>> integers;

  Sample(Sizes sizes, unsigned seed) {
    std::mt19937_64 random(seed);
    const double edge = 2.5 * std::cbrt(static_cast<double>(sizes.atoms));
    std::uniform_real_distribution<double> place(0, edge), unit(-1, 1);
    auto& x = reals["positions"];
    for (std::int64_t k = 0; k < 3 * sizes.atoms; ++k) x.push_back(place(random));
    for (const auto& [name, count] : {std::pair{"w0", kBasis * kDescriptors},
                                      {"w1", kDescriptors * kUnits},
                                      {"w2", kUnits},
                                      {"forces", 3 * sizes.atoms}})
      for (std::int64_t k = 0; k < count; ++k) reals[name].push_back(0.3 * unit(random));
    for (std::int64_t atom = 0; atom < sizes.atoms; ++atom) add_edges(atom, sizes, edge);
  }

 private:
  void add_edges(std::int64_t atom, Sizes sizes, double edge) {
    struct Neighbour {
      double squared;
      std::int64_t index;
      double shift[3];
    };
    std::vector<Neighbour> all;
    const auto& x = reals["positions"];
    const auto at = [&](std::int64_t i, int d) { return x[static_cast<std::size_t>(3 * i + d)]; };
    for (std::int64_t other = 0; other < sizes.atoms; ++other) {
      if (other == atom) continue;
      Neighbour n{0, other, {}};
      for (int d = 0; d < 3; ++d) {
        const double between = at(other, d) - at(atom, d);
        n.shift[d] = -edge * std::nearbyint(between / edge);
        n.squared += (between + n.shift[d]) * (between + n.shift[d]);
      }
      all.push_back(n);
    }
    const auto edges = sizes.edges / sizes.atoms;
    std::partial_sort(all.begin(), all.begin() + edges, all.end(),
                      [](const auto& a, const auto& b) { return a.squared < b.squared; });
    for (std::int64_t k = 0; k < edges; ++k) {
      const auto& n = all[static_cast<std::size_t>(k)];
      integers["first"].push_back(static_cast<std::int32_t>(atom));
      integers["second"].push_back(static_cast<std::int32_t>(n.index));
      reals["shift"].insert(reals["shift"].end(), n.shift, n.shift + 3);
    }
  }
};

/// A plan of the graph with tensors of the sample bound to it.
class Runner {
 public:
  Runner(const Graph& graph, const Sample& sample) : plan_(optimized(graph)) {
    for (const auto& input : graph.inputs()) {
      const Type type = input.value.type();
      auto& tensor = tensors_.emplace(input.name, Tensor(type)).first->second;
      if (type.dtype == Dtype::i32)
        tensor.set(sample.integers.at(input.name));
      else
        set(input.name, sample.reals.at(input.name));
      plan_.bind(input.name, tensor);
    }
  }
  void set(const std::string& name, const std::vector<double>& values) {
    auto& tensor = tensors_.at(name);
    if (tensor.type().dtype == Dtype::f64)
      tensor.set(values);
    else
      tensor.set(std::vector<float>(values.begin(), values.end()));
  }
  void run() {
    plan_.run(exec_);
    exec_.fence();
  }
  std::vector<double> output(const std::string& name) {
    const Tensor tensor = plan_.output(name);
    if (tensor.type().dtype == Dtype::f64) return tensor.to_host<double>();
    const auto values = tensor.to_host<float>();
    return {values.begin(), values.end()};
  }
  const Plan& plan() const { return plan_; }

 private:
  Plan plan_;
  Exec exec_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace r1::ml::force_matching
