// What a user of the installed library writes.
// SPDX-License-Identifier: Apache-2.0
#include "core/device.hpp"
#include "core/error.hpp"
#include "core/version.hpp"

#include <iostream>

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  r1::View<double*> numbers("numbers", 3);
  const r1::Error error("a message");
  std::cout << "r1 " << r1::build_info().version << ": " << error.what() << ", "
            << numbers.extent(0) << " numbers\n";
}
