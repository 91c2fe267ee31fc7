// The plans of a training run and what they share: one state and one arena. A batch that is not full has plans of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/data/batches.hpp"
#include "ml/runtime/plan.hpp"
#include "ml/train/recipe.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>

namespace r1::ml {

/// Named tensors that outlive a call: parameters, moments, sums.
class StateSet {
 public:
  /// The tensor of this name, new and zero if there is none.
  Tensor& tensor(const std::string& name, const Type& type);
  Tensor& at(const std::string& name) { return tensors_.at(name); }
  const std::map<std::string, Tensor, std::less<>>& tensors() const { return tensors_; }
  std::size_t bytes() const;

 private:
  std::map<std::string, Tensor, std::less<>> tensors_;
};

/// A plan with tensors of its own for what is given anew, and the state of all.
class BoundPlan {
 public:
  BoundPlan(const Graph& graph, StateSet& state);

  bool has(std::string_view input) const { return given_.find(input) != given_.end(); }
  /// Nothing happens where the plan has no such input.
  void set(std::string_view input, std::span<const std::byte> values);
  template <class T>
  requires std::is_arithmetic_v<T>
  void set(std::string_view input, T value) {
    set(input, std::as_bytes(std::span<const T>(&value, 1)));
  }
  Plan& plan() { return plan_; }
  std::size_t given_bytes() const;

 private:
  Plan plan_;
  std::map<std::string, Tensor, std::less<>> given_;
};

/// All plans of a run.
class TrainingPlans {
 public:
  /// `batch_size` samples a step, in `parts` parts; steps of fewer samples, where there are any, are made when they are due.
  TrainingPlans(const Recipe& recipe, std::int64_t batch_size, std::int64_t parts,
                std::uint64_t seed);

  /// An optimizer step on all samples of `batch`, launched on `exec`.
  void step(const Exec& exec, const Batch& batch, double rate);
  /// Adds loss and accuracy of the batch's samples to the sums in the state.
  void evaluate(const Exec& exec, const Batch& batch);
  /// Makes the plans of a step, and of an evaluation, of `samples` samples.
  void prepare_step(std::int64_t samples);
  void prepare_evaluation(std::int64_t samples);

  StateSet& state() { return state_; }
  const ParameterLayout& layout() const { return layout_; }
  /// Of the arena that all plans share, the largest of them; of constants and inputs beside it; of the state.
  std::size_t arena_bytes() const;
  std::size_t other_bytes() const;

  /// What a step does with its plans, one after the other: `use` gets each one, bound to its part of the batch.
  void for_each_part(const Batch& batch, double rate, const std::function<void(BoundPlan&)>& use);

 private:
  BoundPlan& plan_for(std::map<std::int64_t, std::unique_ptr<BoundPlan>>& plans,
                      std::int64_t samples,
                      Graph (*trace)(const Recipe&, const ParameterLayout&, std::int64_t));
  void share_arena();

  Recipe recipe_;
  std::int64_t batch_size_, part_size_;
  std::uint64_t seed_;
  ParameterLayout layout_;
  StateSet state_;
  View<std::byte*> arena_;
  std::map<std::int64_t, std::unique_ptr<BoundPlan>> steps_, parts_, evaluations_;  // by samples
  std::unique_ptr<BoundPlan> update_;
};

}  // namespace r1::ml
