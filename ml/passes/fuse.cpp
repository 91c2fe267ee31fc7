// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/fuse.hpp"

#include "ml/graph/op.hpp"
#include "ml/graph/verify.hpp"
#include "ml/ops/fused.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/passes/fuse_groups.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace r1::ml {
namespace {

struct ValueHash {
  std::size_t operator()(const Value& value) const {
    return hash_combine(std::hash<const void*>()(value.node),
                        static_cast<std::size_t>(value.output));
  }
};

/// A node on its own or a group: what is computed at once.
struct Unit {
  const Node* node = nullptr;  // else a group
  int group = -1;
  friend bool operator==(const Unit&, const Unit&) = default;
};

/// The program of a group and what it reads.
class Chain {
 public:
  explicit Chain(const FuseGroup& group) : group_(group) {
    for (const Node* node : group.members) members_.insert(node);
    for (const Node* node : group.members)
      for (const auto& operand : node->operands) add_leaf(operand);
    program_.computes_in = group.computes_in;
    program_.elements = group.elements;
    for (const auto& operand : operands_)
      program_.operands.push_back({operand.base.dtype(), operand.divisor, operand.modulus});
    const auto leaves = program_.operands.size() + program_.constants.size();
    for (std::size_t k = 0; k < group.members.size(); ++k) {
      if (group.members[k]->op->name() == "cast") {
        register_[group.members[k]] = register_of(group.members[k]->operands[0]);
        continue;
      }
      program_.instructions.push_back(instruction_of(*group.members[k]));
      register_[group.members[k]] = static_cast<int>(leaves + program_.instructions.size() - 1);
    }
  }

  const std::vector<ChainOperand>& operands() const { return operands_; }
  TileProgram program_for(const std::vector<const Node*>& results) const {
    TileProgram program = program_;
    for (const Node* node : results)
      program.results.push_back({node->result().dtype(), register_.at(node)});
    return program;
  }

 private:
  bool is_member(const ChainOperand& o) const {
    return o.modulus == 0 && members_.count(o.base.node) > 0;
  }

  void add_leaf(const Value& operand) {
    const auto o = chain_operand(operand);
    if (is_member(o)) return;
    if (const auto value = splat_of(o.base)) {
      if (constant_at(*value) == program_.constants.size()) program_.constants.push_back(*value);
    } else if (std::find(operands_.begin(), operands_.end(), o) == operands_.end()) {
      operands_.push_back(o);
    }
  }

  /// Where a constant of these bits is; the number of constants if there is none.
  std::size_t constant_at(double value) const {
    const auto same = [value](double other) {
      return other == value && std::signbit(other) == std::signbit(value);
    };
    return static_cast<std::size_t>(
        std::find_if(program_.constants.begin(), program_.constants.end(), same) -
        program_.constants.begin());
  }

  int register_of(const Value& operand) const {
    const auto o = chain_operand(operand);
    if (is_member(o)) return register_.at(o.base.node);
    if (const auto value = splat_of(o.base))
      return static_cast<int>(operands_.size() + constant_at(*value));
    return static_cast<int>(std::find(operands_.begin(), operands_.end(), o) - operands_.begin());
  }

  TileProgram::Instruction instruction_of(const Node& node) const {
    TileProgram::Instruction instruction{function_number(node.op->name())};
    for (std::size_t k = 0; k < node.operands.size(); ++k)
      instruction.arguments[k] = register_of(node.operands[k]);
    if (const auto* exponent = node.attributes.find("exponent"))
      instruction.immediate = std::get<double>(*exponent);
    return instruction;
  }

  const FuseGroup& group_;
  std::unordered_set<const Node*> members_;
  std::vector<ChainOperand> operands_;
  TileProgram program_;
  std::unordered_map<const Node*, int> register_;
};

class Fuser {
 public:
  explicit Fuser(const Graph& graph) : graph_(graph), groups_(graph) {
    for (int k = 0; k < groups_.count(); ++k) chains_.emplace_back(groups_.group(k));
  }

  Graph run() {
    for (const auto& input : graph_.inputs())
      made_[input.value] = target_.input(input.name, input.value.type(), input.role);
    find_needed();
    emit_in_order();
    for (const auto& output : graph_.outputs()) {
      if (output.updates)
        target_.update(output.name, made_.at(output.value));
      else
        target_.output(output.name, made_.at(output.value));
    }
    return std::move(target_);
  }

 private:
  Unit unit_of(const Node* node) const {
    const auto group = groups_.group_of(node);
    return group ? Unit{nullptr, *group} : Unit{node, -1};
  }
  std::int64_t key_of(const Unit& unit) const {
    return unit.node != nullptr ? unit.node->id : groups_.group(unit.group).members.back()->id;
  }
  Values operands_of(const Unit& unit) const {
    if (unit.node != nullptr) return unit.node->operands;
    Values values;
    for (const auto& o : chains_[static_cast<std::size_t>(unit.group)].operands())
      values.push_back(o.base);
    return values;
  }

  /// What is computed at all, and which members of groups are read from outside.
  void find_needed() {
    Values waiting;
    for (const auto& output : graph_.outputs()) waiting.push_back(output.value);
    while (!waiting.empty()) {
      const Value value = waiting.back();
      waiting.pop_back();
      const Unit unit = unit_of(value.node);
      if (unit.node == nullptr) results_[unit.group].insert(value.node->id);
      if (!units_.emplace(key_of(unit), unit).second) continue;
      for (const auto& operand : operands_of(unit)) waiting.push_back(operand);
    }
  }

  /// As soon as what they need is there; of those that could be next the one that came first in the graph.
  void emit_in_order() {
    std::unordered_map<std::int64_t, int> missing;                // by unit
    std::unordered_map<std::int64_t, std::vector<Unit>> readers;  // by unit
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> ready;
    for (const auto& [key, unit] : units_) {
      std::set<std::int64_t> needs;
      for (const auto& operand : operands_of(unit)) needs.insert(key_of(unit_of(operand.node)));
      missing[key] = static_cast<int>(needs.size());
      for (const auto need : needs) readers[need].push_back(unit);
      if (needs.empty()) ready.push(key);
    }
    while (!ready.empty()) {
      const auto key = ready.top();
      ready.pop();
      emit(units_.at(key));
      for (const auto& reader : readers[key])
        if (--missing[key_of(reader)] == 0) ready.push(key_of(reader));
    }
  }

  void emit(const Unit& unit) {
    const Node& last =
        unit.node != nullptr ? *unit.node : *groups_.group(unit.group).members.back();
    target_.store().set_place(graph_.store().place_of(last));
    if (unit.node == nullptr) return emit_group(unit.group);
    if (made_.count(unit.node->result()) > 0) return;  // an input
    Values operands;
    for (const auto& operand : unit.node->operands) operands.push_back(made_.at(operand));
    const Node& node = target_.store().intern(*unit.node->op, unit.node->attributes, operands);
    for (const auto& result : unit.node->all_results()) made_[result] = node.result(result.output);
  }

  void emit_group(int group) {
    std::vector<const Node*> results;
    std::vector<Type> types;
    for (const Node* node : groups_.group(group).members)
      if (results_[group].count(node->id) > 0) {
        results.push_back(node);
        types.push_back(node->result().type());
      }
    const auto& chain = chains_[static_cast<std::size_t>(group)];
    Values operands;
    for (const auto& o : chain.operands()) operands.push_back(made_.at(o.base));
    const Values values = fused(target_.store(), chain.program_for(results), operands, types);
    for (std::size_t k = 0; k < results.size(); ++k) made_[results[k]->result()] = values[k];
  }

  const Graph& graph_;
  FuseGroups groups_;
  std::vector<Chain> chains_;
  Graph target_;
  std::map<std::int64_t, Unit> units_;             // needed ones, by key
  std::map<int, std::set<std::int32_t>> results_;  // by group: members that are read from outside
  std::unordered_map<Value, Value, ValueHash> made_;  // in the target
};

}  // namespace

Graph fuse(const Graph& graph) { return verified_in_debug(Fuser(graph).run()); }

}  // namespace r1::ml
