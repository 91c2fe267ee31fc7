// Main of the test programs of several ranks. Every rank runs every test; ranks above 0 report their failures alone, with
// their rank; the program fails on all ranks when a test failed on one.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

namespace {

/// Prints failures with the rank that saw them, and nothing else.
class FailurePrinter : public testing::EmptyTestEventListener {
 public:
  explicit FailurePrinter(int rank) : rank_(rank) {}

 private:
  void OnTestStart(const testing::TestInfo& test) override {
    name_ = std::string(test.test_suite_name()) + "." + test.name();
  }
  void OnTestEnd(const testing::TestInfo&) override { name_ = "outside of a test"; }
  // gtest holds its lock here: asking it for the running test would wait for ever.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    std::fprintf(stderr, "rank %d: %s: %s:%d: %s\n", rank_, name_.c_str(),
                 result.file_name() ? result.file_name() : "?", result.line_number(),
                 result.message());
  }
  int rank_;
  std::string name_ = "outside of a test";
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
