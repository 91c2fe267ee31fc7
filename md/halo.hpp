// Halo: the ghosts of a brick and the traffic between them and their owners. Every ghost comes straight from its owner in one
// message per pair of ranks (no staging by direction), so a step has one exchange of positions and one return of forces.
// Export: local atoms that others need. Import: ghosts. forward() copies owner -> ghost, reverse_add() ghost -> owner.
// The sum of a reverse is taken in a fixed order (own images first, then by rank): no atomics, same bits every time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "md/decomposition.hpp"
#include "md/system.hpp"

#include <vector>

namespace r1::md {

/// Tells each of `ranks` how many rows it will get; returns how many rows come from each.
std::vector<int> exchange_counts(const Exec& exec, const Communicator& comm,
                                 const std::vector<int>& ranks, const std::vector<int>& sends,
                                 int tag);

class Halo {
 public:
  explicit Halo(Communicator comm) : comm_(std::move(comm)) {}

  /// Chooses the ghosts: every copy of an atom within `width` of the brick. x holds n_local rows. Collective.
  void choose(const Exec& exec, const Box& box, const Decomposition& decomposition, double width,
              ConstQuads x, int n_local);

  int ghosts() const { return n_ghost_; }

  /// Positions of ghosts from their owners', displaced by their image. Ghost rows start at n_local.
  void forward_positions(const Exec& exec, Quads x) const;
  /// Any other field: rows of components, e.g. ids (1) or the derivative of an embedding energy (1).
  template <class T>
  void forward(const Exec& exec, View<T**> rows) const;
  /// Adds each ghost's row to its owner's. Ghost rows keep their values.
  void reverse_add(const Exec& exec, View<double**> rows) const;

  /// Images of the ghosts, (ghosts, 3).
  View<const int* [3]> ghost_image() const { return ghost_image_; }

  /// Bytes that one exchange of positions sends to other ranks.
  std::int64_t bytes_per_exchange() const {
    return 32LL * (n_send_ - n_self_);
  }
  std::size_t memory() const;

 private:
  struct Peer {
    int rank;
    int send_first, send_count;    // rows of send_index_
    int ghost_first, ghost_count;  // rows of the ghosts, from 0
  };
  void select(const Exec& exec, const Box& box, const Decomposition& decomposition, double width,
              ConstQuads x);
  void agree_on_counts(const Exec& exec, const std::vector<Neighbor>& neighbors,
                       const std::vector<int>& counts);
  void collect_ghost_images(const Exec& exec);
  void index_returns(const Exec& exec);
  /// Fills to(first + ghost) by pack(to row, from row of the owner's atom, send slot).
  template <class T, class Pack>
  void exchange(const Exec& exec, View<T**> from, View<T**> to, int first, Pack pack) const;

  Communicator comm_;
  Box box_;
  int n_local_ = 0, n_ghost_ = 0, n_send_ = 0, n_self_ = 0;
  std::vector<Peer>
      peers_;              // other ranks, ascending; own images are the first n_self_ rows of both
  View<int*> send_index_;  // (sends) local atom; own images first, then by peer
  View<int* [3]> send_image_;   // (sends, 3)
  View<int* [3]> ghost_image_;  // (ghosts, 3)
  View<int*> return_start_;     // (n_local + 1) into return_slot_
  View<int*> return_slot_;      // (sends) rows of send_index_, by atom, ascending
  mutable View<double*> send_buffer_, return_buffer_;  // grown when needed, kept between steps
};

}  // namespace r1::md
