// How a plan is made: kernels, buffers and their lifetimes, aliases, updates in place, then the arena.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/op.hpp"
#include "ml/runtime/memory_plan.hpp"
#include "ml/runtime/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <xxhash.h>

namespace r1::ml {
namespace {

std::uint64_t hash_of_text(const std::string& text) { return XXH64(text.data(), text.size(), 0); }

}  // namespace

class PlanBuilder {
 public:
  PlanBuilder(const Graph& graph, const Plan::MakeKernel& make_kernel, Plan& plan)
      : graph_(graph), make_kernel_(make_kernel), plan_(plan) {}

  void build() {
    for (const auto& input : graph_.inputs()) add_input(input);
    for (const Node* node : graph_.live_nodes()) add_node(*node);
    for (const auto& output : graph_.outputs()) keep_old_value(output);
    find_lifetimes();
    update_states();
    share_in_place();
    for (const auto& output : graph_.outputs())
      if (!output.updates) keep(output);
    place();
  }

 private:
  using In = Plan::Buffer::In;
  static constexpr int kForever = std::numeric_limits<int>::max() / 2;

  int new_buffer(const Type& type, In in) {
    plan_.buffers_.push_back({type, in});
    return static_cast<int>(plan_.buffers_.size()) - 1;
  }
  Plan::Buffer& buffer(int k) { return plan_.buffers_[static_cast<std::size_t>(k)]; }
  int& buffer_of(const Value& value) {
    return of_value_[value.node][static_cast<std::size_t>(value.output)];
  }

  /// The same buffer where it is all of it.
  int view_of(int k, std::size_t offset, const Type& type) {
    if (offset == 0 && type.bytes() == buffer(k).type.bytes()) return k;
    if (buffer(k).in == In::view) offset += buffer(k).offset;
    const int base = base_of(k);
    const int view = new_buffer(type, In::view);
    buffer(view).offset = offset;
    buffer(view).base = base;
    return view;
  }
  int base_of(int k) { return buffer(k).in == In::view ? buffer(k).base : k; }

  /// Parts that lie together in the whole are computed where they belong; the others are copied there.
  bool join_in_place(const Node& node) {
    const Type& whole = node.result().type();
    const auto axis = static_cast<int>(node.attributes.integer("axis"));
    for (int k = 0; k < axis; ++k)
      if (whole.shape[k] != 1) return false;
    const int to = new_buffer(whole, In::arena);
    std::size_t offset = 0;
    for (const auto& part : node.operands) {
      const int from = buffer_of(part);
      // What is there before the plan runs and what is a part of something stays where it is.
      if (buffer(from).in == In::arena)
        move_into(from, to, offset);
      else
        add_copy(from, view_of(to, offset, part.type()), graph_.store().place_of(node));
      offset += part.type().bytes();
    }
    of_value_[&node] = {to};
    return true;
  }

  /// Buffer `from`, with its parts, becomes a part of `to`.
  void move_into(int from, int to, std::size_t offset) {
    buffer(from).in = In::view;
    buffer(from).base = from;
    buffer(from).offset = 0;
    for (auto& view : plan_.buffers_)
      if (view.base == from) {
        view.base = to;
        view.offset += offset;
      }
  }

  void add_copy(int from, int to, const std::string& place) {
    const Type type = buffer(from).type;
    StridedCopy copy({type.shape.elements()}, {1});
    copy.from = {1};
    const Attributes none;
    auto kernel = copy_kernel({{&type, 1}, {&type, 1}, none, plan_.communicator_}, {copy});
    plan_.steps_.push_back({"copy", place, std::move(kernel), {from}, {to}});
  }

  void add_input(const Graph::Input& input) {
    const int k = new_buffer(input.value.type(), In::input);
    of_value_[input.value.node] = {k};
    plan_.inputs_.emplace(input.name, k);
  }

  void add_node(const Node& node) {
    if (of_value_.count(&node) > 0) return;  // an input
    if (node.op->communicates()) {
      check_ranks(node);
      plan_.communicates_ = true;
    }
    if (node.op->alias_offset(node, 0)) {
      std::vector<int> views;
      for (const auto& result : node.all_results())
        views.push_back(view_of(buffer_of(node.operands[0]),
                                *node.op->alias_offset(node, result.output), result.type()));
      of_value_[&node] = views;
      return;
    }
    if (node.op->name() == "concat" && join_in_place(node)) return;
    std::vector<Type> operands;
    for (const auto& operand : node.operands) operands.push_back(operand.type());
    auto kernel =
        make_kernel_(node, {operands, node.results, node.attributes, plan_.communicator_});
    if (kernel == nullptr)
      throw Error(fmt::format("no kernel computes '{}'{}: a pass should have replaced it",
                              node.op->name(), place_of(node)));
    const bool constant = node.operands.empty();
    Plan::Step step{
        node.op->name().data(), graph_.store().place_of(node), std::move(kernel), {}, {}};
    for (const auto& operand : node.operands) step.operands.push_back(buffer_of(operand));
    auto& results = of_value_[&node];
    for (const auto& type : node.results)
      results.push_back(new_buffer(type, constant ? In::constants : In::arena));
    step.results = results;
    if (const auto bytes = step.kernel->scratch_bytes(); bytes > 0)
      step.scratch = new_buffer({Dtype::u8, {static_cast<std::int64_t>(bytes)}}, In::arena);
    (constant ? plan_.constants_ : plan_.steps_).push_back(std::move(step));
  }

  void check_ranks(const Node& node) const {
    const auto ranks = node.attributes.integer("ranks");
    if (ranks != plan_.communicator_.size())
      throw Error(fmt::format("'{}'{} is for {} ranks, and the plan is made for {}",
                              node.op->name(), place_of(node), ranks, plan_.communicator_.size()));
  }

  /// An output that is a state as it was: another update may replace the state before that is read.
  void keep_old_value(const Graph::Output& output) {
    const int from = buffer_of(output.value);
    if (buffer(base_of(from)).in != In::input ||
        (output.updates && plan_.inputs_.at(output.name) == from))
      return;
    const int to = new_buffer(buffer(from).type, In::arena);
    add_copy(from, to, output.name);
    of_output_[&output] = to;
  }
  int buffer_of(const Graph::Output& output) {
    const auto kept = of_output_.find(&output);
    return kept == of_output_.end() ? buffer_of(output.value) : kept->second;
  }

  std::string place_of(const Node& node) const {
    const auto& place = graph_.store().place_of(node);
    return place.empty() ? "" : " in " + place;
  }

  void find_lifetimes() {
    lives_.assign(plan_.buffers_.size(), {0, kForever, -1});
    for (std::size_t k = 0; k < lives_.size(); ++k)
      lives_[k].bytes = plan_.buffers_[k].type.bytes();
    for (std::size_t s = 0; s < plan_.steps_.size(); ++s) {
      const auto& step = plan_.steps_[s];
      const auto use = [&](int k) {
        auto& life = lives_[static_cast<std::size_t>(base_of(k))];
        life.first = std::min(life.first, static_cast<int>(s));
        life.last = std::max(life.last, static_cast<int>(s));
      };
      for (const int k : step.operands) use(k);
      for (const int k : step.results) use(k);
      if (step.scratch >= 0) use(step.scratch);
    }
  }

  /// The next value of a state takes the place of the state where the step that computes it may do so and is its last reader; else
  /// it is copied at the end.
  void update_states() {
    for (const auto& output : graph_.outputs()) {
      if (!output.updates) continue;
      const int state = plan_.inputs_.at(output.name);
      const int next = buffer_of(output);
      plan_.outputs_.emplace(output.name, state);
      if (next == state) continue;
      if (may_replace(next, state)) {
        replace(next, state);
      } else {
        lives_[static_cast<std::size_t>(base_of(next))].last = kForever;
        plan_.copies_.push_back({next, state});
      }
    }
  }

  bool may_replace(int next, int state) {
    const auto &born = lives_[static_cast<std::size_t>(next)],
               &read = lives_[static_cast<std::size_t>(state)];
    if (buffer(next).in != In::arena || read.last > born.first) return false;
    if (read.last < born.first) return true;
    return in_place(plan_.steps_[static_cast<std::size_t>(born.first)], next, state);
  }

  /// May a step write buffer `result` where its operand `operand` is? A part of the operand says no.
  bool in_place(const Plan::Step& step, int result, int operand) {
    const auto found = std::find(step.results.begin(), step.results.end(), result);
    if (found == step.results.end()) return false;
    for (std::size_t k = 0; k < step.operands.size(); ++k) {
      if (base_of(step.operands[k]) != operand) continue;
      const auto at = static_cast<int>(found - step.results.begin());
      if (step.operands[k] != operand || !step.kernel->in_place(at, static_cast<int>(k)))
        return false;
    }
    return true;
  }

  /// Everybody who knew buffer `from` uses `to`.
  void replace(int from, int to) {
    for (auto& step : plan_.steps_) {
      std::replace(step.operands.begin(), step.operands.end(), from, to);
      std::replace(step.results.begin(), step.results.end(), from, to);
    }
    for (auto& copy : plan_.copies_) {
      if (copy.from == from) copy.from = to;
    }
    for (auto& [output, kept] : of_output_)
      if (kept == from) kept = to;
    for (auto& [node, buffers] : of_value_) std::replace(buffers.begin(), buffers.end(), from, to);
    for (auto& view : plan_.buffers_)
      if (view.base == from) view.base = to;
    auto &a = lives_[static_cast<std::size_t>(to)], &b = lives_[static_cast<std::size_t>(from)];
    a.first = std::min(a.first, b.first);
    a.last = std::max(a.last, b.last);
    b = {0, 0, -1};
  }

  /// A result lies where an operand of its size dies.
  void share_in_place() {
    for (const auto& output : graph_.outputs())
      if (!output.updates)
        lives_[static_cast<std::size_t>(base_of(buffer_of(output)))].last = kForever;
    for (std::size_t s = 0; s < plan_.steps_.size(); ++s) {
      const auto& step = plan_.steps_[s];
      for (const int result : std::vector(step.results))
        for (const int operand : std::vector(step.operands))
          if (dies_for(s, operand, result)) {
            replace(result, operand);
            break;
          }
    }
  }

  bool dies_for(std::size_t s, int operand, int result) {
    if (buffer(result).in != In::arena || buffer(operand).in != In::arena || operand == result)
      return false;
    const auto &old = lives_[static_cast<std::size_t>(operand)],
               &born = lives_[static_cast<std::size_t>(result)];
    return old.last == static_cast<int>(s) && born.first == static_cast<int>(s) &&
           old.bytes == born.bytes && in_place(plan_.steps_[s], result, operand);
  }

  void keep(const Graph::Output& output) { plan_.outputs_.emplace(output.name, buffer_of(output)); }

  void place() {
    for (const In in : {In::arena, In::constants}) {
      std::vector<Lifetime> lives;
      std::vector<int> members;
      for (int k = 0; k < static_cast<int>(plan_.buffers_.size()); ++k) {
        auto life = lives_[static_cast<std::size_t>(k)];
        if (buffer(k).in != in || (in == In::arena && life.last < 0)) continue;
        if (in == In::constants) life = {life.bytes, 0, 0};
        life.last = std::min(life.last, static_cast<int>(plan_.steps_.size()));  // kForever
        lives.push_back(life);
        members.push_back(k);
      }
      const auto plan = plan_memory(lives);
      if (in == In::arena) plan_.least_arena_bytes_ = least_bytes(lives);
      for (std::size_t m = 0; m < members.size(); ++m) buffer(members[m]).offset = plan.offsets[m];
      (in == In::arena ? plan_.arena_bytes_ : plan_.constant_bytes_) = plan.bytes;
    }
  }

  const Graph& graph_;
  const Plan::MakeKernel& make_kernel_;
  Plan& plan_;
  std::unordered_map<const Node*, std::vector<int>> of_value_;
  std::unordered_map<const Graph::Output*, int> of_output_;  // where it is not its value's
  std::vector<Lifetime> lives_;                              // by buffer; of a view: its base's
};

Plan::Plan(const Graph& graph, const Communicator& communicator)
    : Plan(
          graph,
          [](const Node& node, const KernelRequest& request) { return node.op->kernel(request); },
          communicator) {}

Plan::Plan(const Graph& graph, const MakeKernel& make_kernel, const Communicator& communicator)
    : communicator_(communicator) {
  if (communicator.size() > 1) hash_ = hash_of_text(dump(graph));
  PlanBuilder(graph, make_kernel, *this).build();
}

}  // namespace r1::ml
