// Main of the test programs of several ranks. Every rank runs every test; ranks above 0 report their failures alone, with
// their rank; the program fails on all ranks when a test failed on one.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include "comm/communicator.hpp"

#include <gtest/gtest.h>

namespace {

/// Prints failures with the rank that saw them, and nothing else.
class FailurePrinter : public testing::EmptyTestEventListener {
 public:
  explicit FailurePrinter(int rank) : rank_(rank) {}

 private:
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    const std::string name =
        info ? std::string(info->test_suite_name()) + "." + info->name() : "outside of a test";
    std::fprintf(stderr, "rank %d: %s: %s:%d: %s\n", rank_, name.c_str(),
                 result.file_name() ? result.file_name() : "?", result.line_number(),
                 result.message());
  }
  int rank_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  r1::CommScope scope(argc, argv);
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const r1::Communicator world = scope.world();
  if (world.rank() > 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new FailurePrinter(world.rank()));  // gtest takes it over
  }
  const bool failed_here = RUN_ALL_TESTS() != 0;
  return world.any(failed_here) ? 1 : 0;
}
