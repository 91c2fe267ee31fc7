// The stage `evaluate`: energies, forces and stress of the present state, or of every frame of a file, as frames of evaluate.xyz
// (eV, eV/Å, stress = -pressure in eV/Å^3; lj: reduced).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace r1::md {

/// Takes a frame's text and its energies; called on rank 0 alone.
struct EvaluatedFrame {
  std::int64_t index = 0;
  std::int64_t atoms = 0;
  double potential_energy = 0;  // [energy]
  double largest_force = 0;     // max |F_i| [force]
  std::string extxyz;
};
using FrameSink = std::function<void(const EvaluatedFrame&)>;

/// Of the present state of a prepared simulation. Collective.
void evaluate(Simulation& simulation, const FrameSink& sink);

/// Of every frame of an extxyz file; species, units and force field are those of `simulation`, cell and atoms the frame's.
/// Returns how many there were. ConfigError where a frame has no cell or one too small for the cutoff. Collective.
std::int64_t evaluate_frames(Simulation& simulation, const std::filesystem::path& file,
                             const FrameSink& sink);

}  // namespace r1::md
