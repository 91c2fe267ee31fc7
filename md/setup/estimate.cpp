// SPDX-License-Identifier: Apache-2.0
#include "md/setup/estimate.hpp"

#include "core/neighbor_list.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <unistd.h>

namespace r1::md {
namespace {

constexpr double kSlack =
    17.0 / 16;  // by which buffers and lists are made longer than they must be

double element_bytes(const Field& field) {
  return std::visit(
      [](const auto& data) {
        return static_cast<double>(sizeof(typename std::decay_t<decltype(data)>::value_type));
      },
      field.data);
}

/// Bytes of a row of all fields.
double row_bytes(const Fields& fields) {
  double sum = 0;
  for (const auto& field : fields.all()) sum += element_bytes(field) * field.info.components;
  return sum;
}

/// Of that, what a checkpoint holds.
double saved_bytes(const Fields& fields) {
  double sum = 0;
  for (const auto& field : fields.all())
    if (field.info.traits.checkpointed == FieldTraits::Checkpointed::yes)
      sum += element_bytes(field) * (field.info.components - field.info.padding);
  return sum;
}

/// Atoms and ghosts of a brick; `own` are the ghosts that are images of the rank's own atoms.
struct Counts {
  double atoms = 0, ghosts = 0, own = 0;
};

Counts count_atoms(const Box& box, const Decomposition& decomposition, double atoms, double width) {
  const Brick brick = decomposition.brick();
  double share = 1, wide = 1, wide_own = 1;
  for (int d = 0; d < 3; ++d) {
    const double edge = brick.high[d] - brick.low[d], halo = width / box.width[d];
    const bool alone = decomposition.grid()[d] == 1;
    const double widened =
        box.periodic[d] ? edge + 2 * halo
                        : std::min(1.0, brick.high[d] + halo) - std::max(0.0, brick.low[d] - halo);
    share *= edge;
    wide *= widened;
    wide_own *= alone ? widened : edge;
  }
  return {atoms * share, atoms * (wide - share), atoms * (wide_own - share)};
}

/// Entries of the list and what finds them.
double list_bytes(double atoms, double per_volume, double cutoff) {
  const double within = 4.0 / 3.0 * std::numbers::pi * cutoff * cutoff * cutoff * per_volume;
  constexpr double kBeginAndCount = 12 * kSlack;
  if (kDeviceIsHost) {
    const double padding = 0.5 * (NeighborList::kRowPadding - 1);
    return atoms * (4 * kSlack * (0.5 * within + padding) + kBeginAndCount);
  }
  // Rows are as long as the longest: about four standard deviations of a random number of neighbours.
  const double longest = within + 4 * std::sqrt(within);
  return atoms * (4 * kSlack * (1.125 * longest + 2) + kBeginAndCount);
}

double halo_bytes(const Counts& n) {
  constexpr double kIndexAndImage = 16 * kSlack, kGhostImage = 12, kReturnSlot = 4;
  constexpr double kBuffers = 2 * 32 * kSlack;  // positions out, forces back
  return n.ghosts * (kIndexAndImage + kGhostImage + kReturnSlot) + 4 * n.atoms +
         kBuffers * (n.ghosts - n.own);
}

/// What a rebuild takes for a while: sorted copies of fields, candidates for the halo, cell lists. One comes after the other, but
/// allocators keep what is freed and seldom fit the next block into it: the sum, with two copies, is what is seen to be resident.
double rebuild_bytes(const Counts& n, double rows, double bins) {
  const double sorting = 4 * n.atoms + 2 * 32 * rows;
  const double choosing = 12 * n.atoms;
  const double binning = 8 * bins + 8 * (n.atoms + n.ghosts);
  return sorting + choosing + binning;
}

}  // namespace

MemoryEstimate estimate_memory(const Fields& fields, const Box& box,
                               const Decomposition& decomposition, std::int64_t atoms,
                               double list_cutoff, int threads) {
  const double all = static_cast<double>(atoms);
  const Counts n = count_atoms(box, decomposition, all, list_cutoff);
  const double used = n.atoms + n.ghosts + 1,
               rows = used * 33 / 32 + 64;  // as Fields::reserve() does
  const int bins_for = static_cast<int>(std::min(n.atoms, 1e9));
  const auto bins =
      CellGrid::make(box, decomposition.brick(), list_cutoff, list_cutoff, bins_for).size();
  MemoryEstimate estimate;
  estimate.atoms = n.atoms;
  estimate.ghosts = n.ghosts;
  estimate.fields = rows * row_bytes(fields);
  estimate.list = list_bytes(n.atoms, all / box.volume, list_cutoff);
  estimate.halo = halo_bytes(n);
  if (kDeviceIsHost) estimate.threads = (threads - 1) * used * 32 * kSlack;
  estimate.rebuild = rebuild_bytes(n, rows, bins);
  estimate.checkpoint = 2 * n.atoms * saved_bytes(fields);
  return estimate;
}

std::int64_t resident_bytes() {
  // Fields of statm, in pages: size, resident, ...
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  if (!(file >> size >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace r1::md
