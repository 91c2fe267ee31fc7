// SPDX-License-Identifier: Apache-2.0
#include "io/folder_lock.hpp"

#include "core/error.hpp"
#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace r1::io {
namespace {

using namespace std::chrono_literals;
using test::SharedFolder;
using test::world;

void quiet(const std::string& text) { ADD_FAILURE() << text; }

TEST(FolderLock, KeepsASecondJobOutAndSaysWhoIsIn) {
  const auto comm = world();
  const SharedFolder folder(comm);
  EXPECT_FALSE(FolderLock::is_held(folder.path()));
  comm.barrier();
  const FolderLock first(comm, folder.path(), 0s, quiet);
  EXPECT_TRUE(FolderLock::is_held(folder.path()));
  // A lock of another open file is another job's, even within one process.
  try {
    const FolderLock second(comm, folder.path(), 0s, quiet);
    ADD_FAILURE() << "two jobs in one folder";
  } catch (const IoError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("another job"), std::string::npos) << text;
    EXPECT_NE(text.find("host "), std::string::npos) << text;
  }
}

TEST(FolderLock, EndsWithItsHolder) {
  const auto comm = world();
  const SharedFolder folder(comm);
  for (int k = 0; k < 3; ++k) {
    const FolderLock lock(comm, folder.path(), 60s, quiet);  // others may hold the last one yet
    comm.barrier();
  }
}

TEST(FolderLock, IsHeldByEveryRank) {
  const auto comm = world();
  const SharedFolder folder(comm);
  std::optional<FolderLock> lock(std::in_place, comm, folder.path(), 0s, quiet);
  comm.barrier();
  // All but the last rank are gone.
  if (comm.rank() < comm.size() - 1) lock.reset();
  comm.barrier();
  if (comm.rank() == 0) {
    EXPECT_THROW(FolderLock(Communicator::self(), folder.path(), 0s, quiet), IoError);
  }
  comm.barrier();
  lock.reset();
  comm.barrier();
  if (comm.rank() == 0) {
    EXPECT_NO_THROW(FolderLock(Communicator::self(), folder.path(), 0s, quiet));
  }
}

TEST(FolderLock, WaitsForTheOtherJobToEnd) {
  const auto comm = world();
  if (comm.rank() > 0) return;
  const SharedFolder folder(Communicator::self());
  std::optional<FolderLock> first(std::in_place, Communicator::self(), folder.path(), 0s, quiet);
  std::thread ender([&] {
    std::this_thread::sleep_for(300ms);
    first.reset();
  });
  EXPECT_NO_THROW(FolderLock(Communicator::self(), folder.path(), 60s, quiet));
  ender.join();
}

}  // namespace
}  // namespace r1::io
