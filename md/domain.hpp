// Domain: this rank's share of space. A rebuild wraps atoms into the cell, sends them to the owners of their bricks, sorts them
// by cell and chooses the ghosts; between rebuilds only ghost positions are refreshed and ghost forces returned.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "md/decomposition.hpp"
#include "md/halo.hpp"
#include "md/system.hpp"

#include <optional>

namespace r1::md {

class Domain {
 public:
  Domain(Communicator comm, const Box& box, std::optional<Int3> grid = std::nullopt);

  /// Where atoms may have gone since the last rebuild.
  enum class Moved {
    nearby,    // at most as far as the halo reaches
    anywhere,  // first distribution
    back,      // to where a past rebuild has left them, wrapped: a restart
  };
  /// Wraps (but for Moved::back: wrapping twice may differ in the last bit), migrates, sorts, chooses ghosts within `width` [length] and copies their fields. Collective. NumericError if an atom
  /// has no finite position, has moved past its neighbours' bricks or was lost.
  void rebuild(const Exec& exec, System& system, double width, Moved moved);
  /// Ghost positions from their owners'.
  void refresh_ghosts(const Exec& exec, System& system) const;

  const CellGrid& grid() const {
    return grid_;
  }  // of the last rebuild; local atoms are in its order
  const Halo& halo() const { return halo_; }
  const Communicator& comm() const { return comm_; }
  const Decomposition& decomposition() const { return decomposition_; }
  std::int64_t migrated() const { return migrated_; }  // atoms that left this rank so far

 private:
  void wrap(const Exec& exec, System& system) const;
  void migrate(const Exec& exec, System& system, double width, Moved moved);
  [[noreturn]] void report_lost(double atoms, const System& system, const std::string& stray) const;
  void sort(const Exec& exec, System& system, double width);
  void copy_ghosts(const Exec& exec, System& system, double width);

  Communicator comm_;
  Decomposition decomposition_;
  Halo halo_;
  CellGrid grid_;
  std::int64_t migrated_ = 0;
  std::optional<double> checksum_;  // of all ids
};

}  // namespace r1::md
