// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace r1::ml::tile {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();

int leaves_of(const TileProgram& p) {
  return static_cast<int>(p.operands.size() + p.constants.size());
}

/// How often instructions and results read each register.
std::vector<int> uses_of(const TileProgram& p) {
  std::vector<int> uses(static_cast<std::size_t>(leaves_of(p)) + p.instructions.size());
  for (const auto& instruction : p.instructions)
    for (int a = 0; a < arity_of(instruction.function); ++a)
      ++uses[static_cast<std::size_t>(instruction.arguments[a])];
  for (const auto& result : p.results) ++uses[static_cast<std::size_t>(result.source)];
  return uses;
}

}  // namespace

Schedule::Schedule(const TileProgram& program)
    : program_(program), codes_(paired(program)), first_result_(leaves_of(program)) {
  find_last_uses();
  places_.resize(static_cast<std::size_t>(first_result_) + program_.instructions.size());
  place_leaves();
  for (int k = 0; k < static_cast<int>(codes_.size()); ++k) add_step(k);
  for (int r = 0; r < static_cast<int>(program_.results.size()); ++r)
    if (written_[static_cast<std::size_t>(r)] == kNever) stores_.push_back(r);
}

std::vector<Schedule::Code> Schedule::paired(const TileProgram& p) {
  const std::vector<int> uses = uses_of(p);
  const int first_result = leaves_of(p);
  std::vector<Code> codes;
  for (const auto& i : p.instructions) {
    Code code{i.function, -1, 0, i.immediate, {}, first_result + static_cast<int>(codes.size())};
    code.arguments.assign(i.arguments, i.arguments + arity_of(i.function));
    for (int position = 0; position < arity_of(i.function); ++position) {
      const int source = i.arguments[position];
      if (source < first_result || uses[static_cast<std::size_t>(source)] != 1) continue;
      Code& other = codes[static_cast<std::size_t>(source - first_result)];
      if (other.inner >= 0 || p.computes_in == Dtype::i64 ||
          !has_pair(i.function, other.function, position))
        continue;
      code.inner = other.function;
      code.position = position;
      code.arguments.erase(code.arguments.begin() + position);
      code.arguments.insert(code.arguments.begin(), other.arguments.begin(), other.arguments.end());
      other.result = -1;
      break;
    }
    codes.push_back(std::move(code));
  }
  std::erase_if(codes, [](const Code& code) { return code.result < 0; });
  return codes;
}

bool Schedule::in_place(int result, int operand) const {
  const auto& o = program_.operands[static_cast<std::size_t>(operand)];
  const auto& r = program_.results[static_cast<std::size_t>(result)];
  if (o.modulus != 0 || size_of(o.dtype) != size_of(r.dtype)) return false;
  // Once a result is written, nothing reads the operand; those that are stored come after all else, one after the other.
  const auto written = written_[static_cast<std::size_t>(result)];
  const bool stored_operand = std::any_of(stores_.begin(), stores_.end(), [&](int other) {
    const int source = program_.results[static_cast<std::size_t>(other)].source;
    return other != result && source == operand;
  });
  return last_use_[static_cast<std::size_t>(operand)] <= written && !stored_operand;
}

/// By its step, not by a copy at the end: the first result of a value that the machine computed, in the machine's own type.
bool Schedule::is_written_in_place(std::size_t r) const {
  const auto& result = program_.results[r];
  const auto end = program_.results.begin() + static_cast<std::ptrdiff_t>(r);
  return result.source >= first_result_ && result.dtype == program_.computes_in &&
         std::none_of(program_.results.begin(), end,
                      [&](const auto& other) { return other.source == result.source; });
}

void Schedule::find_last_uses() {
  last_use_.assign(static_cast<std::size_t>(first_result_) + program_.instructions.size(), -1);
  written_.assign(program_.results.size(), kNever);
  for (int k = 0; k < static_cast<int>(codes_.size()); ++k)
    for (const int reg : codes_[static_cast<std::size_t>(k)].arguments)
      last_use_[static_cast<std::size_t>(reg)] = k;
  for (std::size_t r = 0; r < program_.results.size(); ++r) {
    const int source = program_.results[r].source;
    if (!is_written_in_place(r)) {
      last_use_[static_cast<std::size_t>(source)] = kNever;
      continue;
    }
    const auto writer = std::find_if(codes_.begin(), codes_.end(),
                                     [&](const Code& code) { return code.result == source; });
    written_[r] = static_cast<int>(writer - codes_.begin());
  }
}

int Schedule::new_slot() {
  if (free_.empty()) return slots_++;
  const int slot = free_.back();
  free_.pop_back();
  return slot;
}

void Schedule::place_leaves() {
  const auto operands = static_cast<int>(program_.operands.size());
  for (int k = 0; k < first_result_; ++k) {
    auto& place = places_[static_cast<std::size_t>(k)];
    if (k >= operands) {
      place = {Place::In::slot, slots_++};
      continue;
    }
    const auto& o = program_.operands[static_cast<std::size_t>(k)];
    if (o.modulus == 0 && o.dtype == program_.computes_in) place = {Place::In::operand, k};
    if (o.modulus == 1) {
      place = {Place::In::slot, slots_++};
      once_.push_back(k);
    }
  }
}

void Schedule::add_step(int k) {
  const Code& code = codes_[static_cast<std::size_t>(k)];
  Step step{code.function, code.inner, code.position, code.immediate, {}, {}, {}};
  for (const int reg : code.arguments) {
    auto& place = places_[static_cast<std::size_t>(reg)];
    if (place.in == Place::In::slot && place.index < 0) {
      place.index = new_slot();
      step.loads.push_back(reg);
    }
    step.arguments.push_back(place);
  }
  auto& result = places_[static_cast<std::size_t>(code.result)];
  for (std::size_t r = 0; r < written_.size(); ++r)
    if (written_[r] == k) result = {Place::In::result, static_cast<int>(r)};
  if (result.in == Place::In::slot) result.index = new_slot();
  step.result = result;
  steps_.push_back(std::move(step));
  for (const int reg : code.arguments) release(reg, k);
}

/// The slot of a register whose last use was step `k`.
void Schedule::release(int reg, int k) {
  const auto& place = places_[static_cast<std::size_t>(reg)];
  const auto operands = static_cast<int>(program_.operands.size());
  const bool constant =
      reg < first_result_ &&
      (reg >= operands || program_.operands[static_cast<std::size_t>(reg)].modulus == 1);
  if (place.in != Place::In::slot || constant || last_use_[static_cast<std::size_t>(reg)] != k)
    return;
  if (std::find(free_.begin(), free_.end(), place.index) == free_.end())
    free_.push_back(place.index);
}

}  // namespace r1::ml::tile
