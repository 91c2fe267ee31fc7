// Shares the atoms of a structure that rank 0 has read: rank r of P gets rows [N r/P, N (r + 1)/P) of the file. They travel in
// rounds of bounded size, so rank 0 needs little beside the structure itself and the others hold nothing but their share.
// Where atoms belong in space is left to Simulation::prepare().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "io/structure.hpp"
#include "md/system.hpp"

#include <optional>

namespace r1::md {

/// Names of the fields that a structure may add: double, one component [e]; 64-bit integer, one component.
inline constexpr const char* kChargeField = "charge";
inline constexpr const char* kMoleculeField = "molecule";

/// Registers those that there are.
struct StructureFields {
  std::optional<FieldHandle<double, 1>> charge;
  std::optional<FieldHandle<std::int64_t, 1>> molecule;
};
struct StructureHas {
  bool charge = false, molecule = false;
};
StructureFields add_structure_fields(StructureHas has, Fields& fields);

/// Fills `system`, which has no atoms yet, with atoms of rank 0's `structure` (others' is not looked at), in the run's units.
/// Adds the fields charge and molecule on all ranks where the structure has them. Collective.
void distribute_atoms(const Exec& exec, const Communicator& comm, const io::Structure& structure,
                      System& system);

}  // namespace r1::md
