// How ghosts are chosen: each atom gets one bit per direction and offset that says whether it lies within the halo of a brick at
// that offset; a brick takes the atoms that have all three bits. Atoms near no face are sorted out first.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "md/halo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace r1::md {
namespace {

constexpr int kMaxReach = 10;  // bricks to either side; 21 bits a direction in 64
constexpr int kBits = 2 * kMaxReach + 1;
constexpr int kCountTag = 100;

/// Bounds of the widened bricks around this one, in fractional coordinates.
struct Reach {
  double low[3][kBits], high[3][kBits];
  int reach[3];

  KOKKOS_INLINE_FUNCTION std::uint64_t bits(const Vec3& s) const {
    std::uint64_t mask = 0;
    for (int d = 0; d < 3; ++d)
      for (int o = 0; o <= 2 * reach[d]; ++o)
        if (s[d] >= low[d][o] && s[d] < high[d][o]) mask |= std::uint64_t{1} << (kBits * d + o);
    return mask;
  }
  KOKKOS_INLINE_FUNCTION std::uint64_t bit(int d, int offset) const {
    return std::uint64_t{1} << (kBits * d + offset + reach[d]);
  }
};

/// The same on every rank: so is the error.
Reach make_reach(const Box& box, const Decomposition& decomposition, double width) {
  Reach r;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  for (int d = 0; d < 3; ++d) {
    r.reach[d] = decomposition.reach(box, width, d);
    if (r.reach[d] > kMaxReach)
      throw ConfigError(
          {{"parallel.grid", 0, 0,
            fmt::format(
                "the cell is {} wide along vector {} and cut into {} bricks, but ghosts reach {}; "
                "use fewer ranks along it, a larger cell or a shorter cutoff",
                box.width[d], "abc"[d], decomposition.grid()[d], width),
            ""}});
    const int bricks = decomposition.grid()[d];
    const double halo = width / box.width[d] * (1 + 1e-9);
    for (int o = 0; o <= 2 * r.reach[d]; ++o) {
      const int brick = decomposition.here()[d] + o - r.reach[d];
      // Beyond an open face the edge brick goes on for ever.
      const bool first = !box.periodic[d] && brick == 0,
                 last = !box.periodic[d] && brick == bricks - 1;
      r.low[d][o] = first ? -kFar : static_cast<double>(brick) / bricks - halo;
      r.high[d][o] = last ? kFar : static_cast<double>(brick + 1) / bricks + halo;
    }
  }
  return r;
}

struct Candidates {
  View<int*> atom;            // (n) atoms that somebody may need
  View<std::uint64_t*> bits;  // (n)
  int n = 0;
};

Candidates find_candidates(const Exec& exec, const Reach& reach, const Box& box, ConstQuads x,
                           int n_local) {
  Candidates c;
  c.atom = uninitialized<View<int*>>(exec, "Halo::candidates", n_local);
  c.bits = uninitialized<View<std::uint64_t*>>(exec, "Halo::candidates", n_local);
  const auto atom = c.atom;
  const auto bits = c.bits;
  const std::uint64_t inside = reach.bit(0, 0) | reach.bit(1, 0) | reach.bit(2, 0);
  Kokkos::parallel_scan(
      "Halo::candidates", Range(exec, 0, n_local),
      KOKKOS_LAMBDA(int i, int& n, bool final)->void {
        const std::uint64_t mask = reach.bits(box.fractional(x(i, 0), x(i, 1), x(i, 2)));
        if ((mask & ~inside) == 0) return;
        if (final) {
          atom(n) = i;
          bits(n) = mask;
        }
        ++n;
      },
      c.n);
  return c;
}

/// Writes the candidates that have all bits of `needed` from slot `first` on; returns how many there are.
int append_sends(const Exec& exec, const Candidates& c, std::uint64_t needed, Int3 image, int first,
                 View<int*> index, View<int* [3]> images) {
  const auto atom = c.atom;
  const auto bits = c.bits;
  const int room = index.extent_int(0);
  int found = 0;
  Kokkos::parallel_scan(
      "Halo::append_sends", Range(exec, 0, c.n),
      KOKKOS_LAMBDA(int k, int& n, bool final)->void {
        if ((bits(k) & needed) != needed) return;
        const int slot = first + n++;
        if (!final || slot >= room) return;
        index(slot) = atom(k);
        for (int d = 0; d < 3; ++d) images(slot, d) = image[d];
      },
      found);
  return found;
}

/// Rows of `index` by atom in slot_of, so that one thread adds all that comes back for its atom, in a fixed order. `start` is zero.
void sort_by_atom(const Exec& exec, View<const int*> index, int n_send, int n_local,
                  View<int*> start, View<int*> slot_of) {
  Kokkos::parallel_for(
      "Halo::count_returns", Range(exec, 0, n_send),
      KOKKOS_LAMBDA(int s)->void { Kokkos::atomic_inc(&start(index(s))); });
  Kokkos::parallel_scan(
      "Halo::scan_returns", Range(exec, 0, n_local + 1),
      KOKKOS_LAMBDA(int i, int& sum, bool final)->void {
        sum += start(i);
        if (final) start(i) = sum;
      });
  Kokkos::parallel_for(
      "Halo::fill_returns", Range(exec, 0, n_send), KOKKOS_LAMBDA(int s)->void {
        slot_of(Kokkos::atomic_fetch_sub(&start(index(s)), 1) - 1) = s;
      });
  Kokkos::parallel_for(
      "Halo::sort_returns", Range(exec, 0, n_local), KOKKOS_LAMBDA(int i)->void {
        for (int k = start(i) + 1; k < start(i + 1); ++k) {
          const int s = slot_of(k);
          int at = k;
          for (; at > start(i) && slot_of(at - 1) > s; --at) slot_of(at) = slot_of(at - 1);
          slot_of(at) = s;
        }
      });
}

}  // namespace

void Halo::choose(const Exec& exec, const Box& box, const Decomposition& decomposition,
                  double width, ConstQuads x, int n_local) {
  box_ = box;
  n_local_ = n_local;
  select(exec, box, decomposition, width, x);
  collect_ghost_images(exec);
  index_returns(exec);
}

void Halo::select(const Exec& exec, const Box& box, const Decomposition& decomposition,
                  double width, ConstQuads x) {
  const Reach reach = make_reach(box, decomposition, width);
  const auto candidates = find_candidates(exec, reach, box, x, n_local_);
  const auto neighbors = decomposition.neighbors(box, width);
  std::vector<int> counts(neighbors.size());
  for (;;) {
    n_send_ = 0;
    for (std::size_t k = 0; k < neighbors.size(); ++k) {
      const auto& o = neighbors[k].offset;
      const auto needed = reach.bit(0, o[0]) | reach.bit(1, o[1]) | reach.bit(2, o[2]);
      counts[k] = append_sends(exec, candidates, needed, neighbors[k].image, n_send_, send_index_,
                               send_image_);
      n_send_ += counts[k];
    }
    if (n_send_ <= send_index_.extent_int(0)) break;
    const int room = n_send_ + n_send_ / 16;
    send_index_ = uninitialized<View<int*>>(exec, "Halo::send_index", room);
    send_image_ = uninitialized<View<int* [3]>>(exec, "Halo::send_image", room);
  }
  agree_on_counts(exec, neighbors, counts);
}

void Halo::agree_on_counts(const Exec& exec, const std::vector<Neighbor>& neighbors,
                           const std::vector<int>& counts) {
  peers_.clear();
  n_self_ = 0;
  int sent = 0;
  for (std::size_t k = 0; k < neighbors.size(); ++k) {
    const int rank = neighbors[k].rank;
    if (rank == comm_.rank()) {
      n_self_ += counts[k];
    } else {
      if (peers_.empty() || peers_.back().rank != rank) peers_.push_back({rank, sent, 0, 0, 0});
      peers_.back().send_count += counts[k];
    }
    sent += counts[k];
  }
  std::vector<int> ranks, sends;
  for (const auto& peer : peers_) {
    ranks.push_back(peer.rank);
    sends.push_back(peer.send_count);
  }
  const auto receives = exchange_counts(exec, comm_, ranks, sends, kCountTag);
  n_ghost_ = n_self_;
  for (std::size_t k = 0; k < peers_.size(); ++k) {
    peers_[k].ghost_first = n_ghost_;
    peers_[k].ghost_count = receives[k];
    n_ghost_ += receives[k];
  }
}

void Halo::index_returns(const Exec& exec) {
  return_start_ =
      View<int*>(Kokkos::view_alloc(exec, std::string("Halo::return_start")), n_local_ + 1);
  return_slot_ = uninitialized<View<int*>>(exec, "Halo::return_slot", n_send_);
  sort_by_atom(exec, send_index_, n_send_, n_local_, return_start_, return_slot_);
}

}  // namespace r1::md
