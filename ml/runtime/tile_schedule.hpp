// What the tile machine for CPUs does for each tile, step by step, and where values are meanwhile. Operands and results of the machine's
// own type are read and written where they lie; slots are needed for what is in between alone, and are used again when their value
// is dead, so that a chain stays in the first cache. An instruction that only one other reads is computed with that one, where there is
// a loop for both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/tile_loops.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <cstdint>
#include <vector>

namespace r1::ml::tile {

/// Where a value is during a tile.
struct Place {
  enum class In : std::uint8_t { slot, operand, result } in = In::slot;
  int index = -1;
};

class Schedule {
 public:
  struct Step {
    int function;
    int inner = -1;    // a function computed before it in the same loop; -1: none
    int position = 0;  // which argument of `function` that is
    double immediate = 0;
    std::vector<Place> arguments;
    Place result;
    std::vector<int> loads;  // operands that are needed in slots from now on
  };

  explicit Schedule(const TileProgram& program);

  /// May the result lie where the operand does?
  bool in_place(int result, int operand) const;

  const TileProgram& program() const { return program_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<int>& once() const { return once_; }      // operands that are one value
  const std::vector<int>& stores() const { return stores_; }  // results that are copied at the end
  Place place(int reg) const { return places_[static_cast<std::size_t>(reg)]; }
  int slots() const { return slots_; }

 private:
  /// A step with registers in the place of places.
  struct Code {
    int function, inner, position;
    double immediate;
    std::vector<int> arguments;
    int result;
  };
  static std::vector<Code> paired(const TileProgram& program);

  void find_last_uses();
  bool is_written_in_place(std::size_t result) const;
  int new_slot();
  void place_leaves();
  void add_step(int k);
  void release(int reg, int k);

  TileProgram program_;
  std::vector<Code> codes_;
  int first_result_ = 0, slots_ = 0;
  std::vector<int> last_use_;  // by register: step
  std::vector<int> written_;   // by result: the step that writes it in its place
  std::vector<Place> places_;  // by register
  std::vector<int> free_, once_, stores_;
  std::vector<Step> steps_;
};

}  // namespace r1::ml::tile
