// The traffic of a halo. How ghosts are chosen stands in halo_choose.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "md/halo.hpp"

namespace r1::md {
namespace {

enum Tag : int { kForward = 101, kReverse = 102 };

/// Rows of `scratch`, which grows when it is too small and never shrinks.
template <class T>
View<T**> rows_of(const Exec& exec, View<double*>& scratch, int rows, int components) {
  const std::size_t doubles =
      (sizeof(T) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(components) + 7) / 8;
  if (scratch.extent(0) < doubles)
    scratch = uninitialized<View<double*>>(exec, "Halo::buffer", doubles + doubles / 16);
  return View<T**>(reinterpret_cast<T*>(scratch.data()), rows, components);
}

template <class V>
V slice(const V& rows, int first, int count) {
  return V(rows.data() + static_cast<std::size_t>(first) * rows.extent(1), count, rows.extent(1));
}

struct CopyRow {
  template <class T>
  KOKKOS_INLINE_FUNCTION void operator()(const View<T**>& to, int t, const View<T**>& from, int f,
                                         int) const {
    for (int c = 0; c < to.extent_int(1); ++c) to(t, c) = from(f, c);
  }
};

struct ShiftRow {
  Box box;
  View<int* [3]> image;
  KOKKOS_INLINE_FUNCTION void operator()(const View<double**>& to, int t,
                                         const View<double**>& from, int f, int slot) const {
    const Vec3 shift = box.displacement(image(slot, 0), image(slot, 1), image(slot, 2));
    for (int c = 0; c < 3; ++c) to(t, c) = from(f, c) + shift[c];
    to(t, 3) = 0;
  }
};

struct ImageRow {
  View<int* [3]> image;
  KOKKOS_INLINE_FUNCTION void operator()(const View<int**>& to, int t, const View<int**>&, int,
                                         int slot) const {
    for (int d = 0; d < 3; ++d) to(t, d) = image(slot, d);
  }
};

/// Fills to(first + s) by `pack` for the n send slots from first_slot on. Free, as nvcc takes no lambda of a private function.
template <class T, class Pack>
void pack_slots(const Exec& exec, const char* label, View<T**> to, int first, View<T**> from,
                View<const int*> index, int first_slot, int n, Pack pack) {
  Kokkos::parallel_for(
      label, Range(exec, 0, n), KOKKOS_LAMBDA(int s)->void {
        pack(to, first + s, from, index(first_slot + s), first_slot + s);
      });
}

}  // namespace

std::vector<int> exchange_counts(const Exec& exec, const Communicator& comm,
                                 const std::vector<int>& ranks, const std::vector<int>& sends,
                                 int tag) {
  const std::size_t n = ranks.size();
  const View<int*> out("exchange_counts", n), in("exchange_counts", n);
  const auto host = Kokkos::create_mirror_view(out);
  for (std::size_t k = 0; k < n; ++k) host(k) = sends[k];
  Kokkos::deep_copy(exec, out, host);
  std::vector<Pending> pending;
  for (std::size_t k = 0; k < n; ++k) {
    pending.push_back(comm.irecv(exec, View<int*>(in.data() + k, 1), ranks[k], tag));
    pending.push_back(comm.isend(exec, View<int*>(out.data() + k, 1), ranks[k], tag));
  }
  for (auto& p : pending) p.wait();
  const auto received = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), in);
  return {received.data(), received.data() + n};
}

template <class T, class Pack>
void Halo::exchange(const Exec& exec, View<T**> from, View<T**> to, int first, Pack pack) const {
  const int n_remote = n_send_ - n_self_;
  std::vector<Pending> pending;
  for (const auto& p : peers_)
    if (p.ghost_count > 0)
      pending.push_back(
          comm_.irecv(exec, slice(to, first + p.ghost_first, p.ghost_count), p.rank, kForward));
  const auto buffer = rows_of<T>(exec, send_buffer_, n_remote, to.extent_int(1));
  pack_slots<T>(exec, "Halo::pack", buffer, 0, from, send_index_, n_self_, n_remote, pack);
  for (const auto& p : peers_)
    if (p.send_count > 0)
      pending.push_back(
          comm_.isend(exec, slice(buffer, p.send_first - n_self_, p.send_count), p.rank, kForward));
  pack_slots<T>(exec, "Halo::own_images", to, first, from, send_index_, 0, n_self_, pack);
  for (auto& p : pending) p.wait(exec);
}

void Halo::collect_ghost_images(const Exec& exec) {
  const auto images = uninitialized<View<int* [3]>>(exec, "Halo::ghost_image", n_ghost_);
  exchange<int>(exec, images, images, 0, ImageRow{send_image_});
  ghost_image_ = images;
}

void Halo::forward_positions(const Exec& exec, Quads x) const {
  exchange<double>(exec, x, x, n_local_, ShiftRow{box_, send_image_});
}

template <class T>
void Halo::forward(const Exec& exec, View<T**> rows) const {
  exchange<T>(exec, rows, rows, n_local_, CopyRow{});
}
template void Halo::forward(const Exec&, View<double**>) const;
template void Halo::forward(const Exec&, View<std::int32_t**>) const;
template void Halo::forward(const Exec&, View<std::int64_t**>) const;

void Halo::reverse_add(const Exec& exec, View<double**> rows) const {
  const int components = rows.extent_int(1), n_local = n_local_, n_self = n_self_;
  const auto buffer = rows_of<double>(exec, return_buffer_, n_send_ - n_self_, components);
  std::vector<Pending> pending;
  for (const auto& p : peers_)
    if (p.send_count > 0)
      pending.push_back(
          comm_.irecv(exec, slice(buffer, p.send_first - n_self_, p.send_count), p.rank, kReverse));
  for (const auto& p : peers_)
    if (p.ghost_count > 0)
      pending.push_back(comm_.isend(exec, slice(rows, n_local_ + p.ghost_first, p.ghost_count),
                                    p.rank, kReverse));
  for (auto& p : pending) p.wait(exec);
  const auto start = return_start_;
  const auto slot_of = return_slot_;
  Kokkos::parallel_for(
      "Halo::add_returns", Range(exec, 0, n_local), KOKKOS_LAMBDA(int i)->void {
        for (int k = start(i); k < start(i + 1); ++k) {
          const int slot = slot_of(k);
          const double* from = slot < n_self ? &rows(n_local + slot, 0) : &buffer(slot - n_self, 0);
          for (int c = 0; c < components; ++c) rows(i, c) += from[c];
        }
      });
}

std::size_t Halo::memory() const {
  return send_index_.span() * 4 + send_image_.span() * 4 + ghost_image_.span() * 4 +
         return_start_.span() * 4 + return_slot_.span() * 4 + send_buffer_.span() * 8 +
         return_buffer_.span() * 8;
}

}  // namespace r1::md
