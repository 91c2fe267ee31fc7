// Forces of each thread for kernels that scatter along a half list: thread 0 adds to the field itself, the others to copies that
// are summed in thread order afterwards. So there are no atomics, and the same threads give the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

namespace r1::md {

class ThreadRows {
 public:
  /// Zeroed copies of `rows` rows for every thread but the first.
  void prepare(const Exec& exec, int rows, int components);
  /// Where thread t adds; `field` is thread 0's.
  double* of(int t, double* field) const {
    return t == 0 ? field : copies_.data() + static_cast<std::size_t>(t - 1) * stride_;
  }
  /// field += copies of all other threads.
  void add_to(const Exec& exec, double* field) const;

  static int threads(const Exec& exec) { return exec.concurrency(); }

  /// Calls body(t, first, last) for each thread t with its share [first, last) of n rows.
  template <class Body>
  static void for_each_thread(const Exec& exec, const char* label, int n, const Body& body) {
    const int threads = exec.concurrency();
    if (threads == 1) {
      body(0, 0, n);
      return;
    }
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<Exec, Kokkos::Schedule<Kokkos::Static>>(exec, 0, threads),
        [&](const int t) {
          const std::int64_t whole = n;
          body(t, static_cast<int>(whole * t / threads),
               static_cast<int>(whole * (t + 1) / threads));
        });
    exec.fence(label);
  }

 private:
  View<double*> copies_;  // (threads - 1, rows · components)
  std::size_t stride_ = 0;
  int copied_ = 0;
};

}  // namespace r1::md
