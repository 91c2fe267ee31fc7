// What the programs of scripts/bench share: files for the peer, times, memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace r1::bench {

void write_bytes(const std::filesystem::path& file, std::span<const std::byte> bytes);
template <class T>
void write(const std::filesystem::path& file, const std::vector<T>& values) {
  write_bytes(file, std::as_bytes(std::span(values)));
}

/// Of one call of `step`, which comes back when its work is done: median over groups of calls that last `seconds` together, after one
/// group that does not count.
double seconds_of_step(double seconds, const std::function<void()>& step);

/// Most memory that the process has had so far.
long peak_kilobytes();

/// main() of such a program: Kokkos around `body`, and what it throws as a message.
int run_with_kokkos(const char* program, const std::function<void()>& body);

}  // namespace r1::bench
