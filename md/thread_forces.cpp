// SPDX-License-Identifier: Apache-2.0
#include "md/thread_forces.hpp"

namespace r1::md {

void ThreadRows::prepare(const Exec& exec, int rows, int components) {
  copied_ = threads(exec) - 1;
  if (copied_ == 0) return;
  stride_ = static_cast<std::size_t>(rows) * static_cast<std::size_t>(components);
  const std::size_t needed = stride_ * static_cast<std::size_t>(copied_);
  if (copies_.extent(0) < needed)
    copies_ = uninitialized<View<double*>>(exec, "ThreadRows::copies", needed + needed / 16);
  Kokkos::deep_copy(exec, copies_, 0.0);
}

void ThreadRows::add_to(const Exec& exec, double* field) const {
  if (copied_ == 0) return;
  const double* copies = copies_.data();
  const std::size_t stride = stride_;
  const int copied = copied_;
  Kokkos::parallel_for(
      "ThreadRows::add_to", Kokkos::RangePolicy<Exec>(exec, 0, stride),
      KOKKOS_LAMBDA(std::size_t k)->void {
        for (int t = 0; t < copied; ++t)
          field[k] += copies[static_cast<std::size_t>(t) * stride + k];
      });
}

}  // namespace r1::md
