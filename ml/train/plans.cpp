// SPDX-License-Identifier: Apache-2.0
#include "ml/train/plans.hpp"

#include "ml/passes/optimize.hpp"
#include "ml/runtime/dispatch.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

template <class T>
std::span<const std::byte> part_of(const std::vector<T>& values, std::int64_t size,
                                   std::int64_t begin, std::int64_t count) {
  const auto each = values.size() / static_cast<std::size_t>(size);
  return std::as_bytes(std::span<const T>(values).subspan(static_cast<std::size_t>(begin) * each,
                                                          static_cast<std::size_t>(count) * each));
}

void set_batch(BoundPlan& plan, const Batch& batch, std::int64_t begin, std::int64_t count) {
  plan.set(input_name::kX, part_of(batch.x, batch.size(), begin, count));
  plan.set(input_name::kY, part_of(batch.y, batch.size(), begin, count));
  plan.set(input_name::kSamples, part_of(batch.samples, batch.size(), begin, count));
}

void set_values(Tensor& tensor, const std::vector<double>& values) {
  with_type(tensor.type().dtype, [&]<class T>() {
    std::vector<T> typed(values.size());
    std::transform(values.begin(), values.end(), typed.begin(),
                   [](double value) { return static_cast<T>(value); });
    tensor.set(typed);
  });
}

}  // namespace

Tensor& StateSet::tensor(const std::string& name, const Type& type) {
  const auto [found, is_new] = tensors_.try_emplace(name);
  if (is_new) found->second = Tensor(type, "r1::ml::state " + name);
  R1_ASSERT(found->second.type() == type);
  return found->second;
}

std::size_t StateSet::bytes() const {
  std::size_t sum = 0;
  for (const auto& [name, tensor] : tensors_) sum += tensor.type().bytes();
  return sum;
}

BoundPlan::BoundPlan(const Graph& graph, StateSet& state) : plan_(optimized(graph)) {
  for (const auto& input : graph.inputs()) {
    auto& tensor =
        input.role == Role::data
            ? given_.emplace(input.name, Tensor(input.value.type(), "r1::ml::input " + input.name))
                  .first->second
            : state.tensor(input.name, input.value.type());
    plan_.bind(input.name, tensor);
  }
}

void BoundPlan::set(std::string_view input, std::span<const std::byte> values) {
  const auto found = given_.find(input);
  if (found != given_.end()) found->second.set_bytes(values);
}

std::size_t BoundPlan::given_bytes() const {
  std::size_t sum = 0;
  for (const auto& [name, tensor] : given_) sum += tensor.type().bytes();
  return sum;
}

TrainingPlans::TrainingPlans(const Recipe& recipe, std::int64_t batch_size, std::int64_t parts,
                             std::uint64_t seed)
    : recipe_(recipe),
      batch_size_(batch_size),
      part_size_((batch_size + parts - 1) / parts),
      seed_(seed),
      layout_(layout_of(recipe)) {
  for (std::size_t k = 0; k < layout_.buffers().size(); ++k) {
    const auto& buffer = layout_.buffers()[k];
    state_.tensor(buffer.name, buffer.type).set(layout_.initial(k, seed));
  }
  for (const auto& state : states_of(recipe)) {
    const auto values = initial_values(state, seed);
    set_values(state_.tensor(state.name, state.type), values);
    if (part_size_ < batch_size_)
      set_values(state_.tensor(state_name::kAccumulated + state.name, state.type), values);
  }
  state_.tensor(state_name::kFirstBad, {Dtype::i64, {}}).set(std::vector<std::int64_t>{-1});
}

BoundPlan& TrainingPlans::plan_for(std::map<std::int64_t, std::unique_ptr<BoundPlan>>& plans,
                                   std::int64_t samples,
                                   Graph (*trace)(const Recipe&, const ParameterLayout&,
                                                  std::int64_t)) {
  auto& plan = plans[samples];
  if (plan == nullptr) {
    plan = std::make_unique<BoundPlan>(trace(recipe_, layout_, samples), state_);
    plan->set(input_name::kSeed, static_cast<std::int64_t>(seed_));
    share_arena();
  }
  return *plan;
}

void TrainingPlans::share_arena() {
  const auto bytes = arena_bytes();
  if (bytes > arena_.size()) {
    arena_ = {};  // first, so that there are never two
    arena_ =
        View<std::byte*>(Kokkos::view_alloc(Kokkos::WithoutInitializing, "r1::ml::arena"), bytes);
  }
  for (auto* plans : {&steps_, &parts_, &evaluations_})
    for (auto& [samples, plan] : *plans)
      if (plan) plan->plan().use_arena(arena_);
  if (update_) update_->plan().use_arena(arena_);
}

std::size_t TrainingPlans::arena_bytes() const {
  std::size_t most = 0;
  for (const auto* plans : {&steps_, &parts_, &evaluations_})
    for (const auto& [samples, plan] : *plans)
      if (plan) most = std::max(most, plan->plan().arena_bytes());
  return update_ ? std::max(most, update_->plan().arena_bytes()) : most;
}

std::size_t TrainingPlans::other_bytes() const {
  std::size_t sum = 0;
  for (const auto* plans : {&steps_, &parts_, &evaluations_})
    for (const auto& [samples, plan] : *plans)
      if (plan) sum += plan->plan().constant_bytes() + plan->given_bytes();
  return sum;
}

void TrainingPlans::prepare_step(std::int64_t samples) {
  if (part_size_ >= batch_size_) {
    plan_for(steps_, samples, step_graph);
    return;
  }
  for (std::int64_t begin = 0; begin < samples; begin += part_size_)
    plan_for(parts_, std::min(part_size_, samples - begin), accumulation_graph);
  if (update_) return;
  update_ = std::make_unique<BoundPlan>(update_graph(recipe_, layout_), state_);
  share_arena();
}

void TrainingPlans::prepare_evaluation(std::int64_t samples) {
  plan_for(evaluations_, samples, evaluation_graph);
}

void TrainingPlans::for_each_part(const Batch& batch, double rate,
                                  const std::function<void(BoundPlan&)>& use) {
  prepare_step(batch.size());
  const bool whole = part_size_ >= batch_size_;
  const auto part = whole ? batch.size() : part_size_;
  const auto prepare = [&](BoundPlan& plan) {
    plan.set(input_name::kStep, batch.step);
    plan.set(input_name::kRate, static_cast<float>(rate));
    plan.set(input_name::kShare, 1 / static_cast<float>(batch.size()));
  };
  for (std::int64_t begin = 0; begin < batch.size(); begin += part) {
    const auto count = std::min(part, batch.size() - begin);
    auto& plan = whole ? *steps_.at(count) : *parts_.at(count);
    prepare(plan);
    set_batch(plan, batch, begin, count);
    use(plan);
  }
  if (whole) return;
  prepare(*update_);
  use(*update_);
}

void TrainingPlans::step(const Exec& exec, const Batch& batch, double rate) {
  for_each_part(batch, rate, [&](BoundPlan& plan) { plan.plan().run(exec); });
}

void TrainingPlans::evaluate(const Exec& exec, const Batch& batch) {
  prepare_evaluation(batch.size());
  auto& plan = *evaluations_.at(batch.size());
  set_batch(plan, batch, 0, batch.size());
  plan.plan().run(exec);
}

}  // namespace r1::ml
