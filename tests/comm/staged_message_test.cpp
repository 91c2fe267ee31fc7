// Messages through staging buffers, as on a GPU whose library cannot read device memory: here the
// path is forced, so that it is tested where the device is the host, too.
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"
#include "tests/comm/views.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace r1 {
namespace {

Communicator staged_world() {
  MPI_Comm copy = MPI_COMM_NULL;
  MPI_Comm_dup(MPI_COMM_WORLD, &copy);
  auto path = std::make_shared<mpi::DevicePath>();
  path->direct = false;
  return Communicator(std::make_shared<mpi::MpiCommunicator>(copy, path));
}

TEST(StagedMessage, GoesAroundARingAgainAndAgain) {
  const Communicator comm = staged_world();
  EXPECT_FALSE(comm.gpu_aware());
  EXPECT_FALSE(comm.split(0).gpu_aware());
  const Exec exec;
  const int n = comm.size(), next = (comm.rank() + 1) % n, previous = (comm.rank() + n - 1) % n;
  for (int round = 0; round < 20; ++round)  // buffers are reused from the second on
    for (const std::size_t length : {0u, 10u, 70000u}) {
      const auto from = device_numbers(length, 1e6 * comm.rank() + round);
      const auto to = device_numbers(length, -1.0);
      Pending receive = comm.irecv(exec, to, previous, 3);
      Pending send = comm.isend(exec, from, next, 3);
      Kokkos::deep_copy(exec, from, -2.0);  // what was sent is in the buffer already
      send.wait(exec);
      round % 2 == 0 ? receive.wait() : receive.wait(exec);
      exec.fence();
      EXPECT_EQ(host_numbers(to), host_numbers(device_numbers(length, 1e6 * previous + round)));
    }
}

TEST(StagedMessage, AShorterOneLeavesTheRestAlone) {
  const Communicator comm = staged_world();
  const Exec exec;
  const int n = comm.size(), next = (comm.rank() + 1) % n, previous = (comm.rank() + n - 1) % n;
  const auto from = device_numbers(3, 1.0);
  const auto to = device_numbers(5, -9.0);
  Pending receive = comm.irecv(exec, to, previous, 2);
  Pending send = comm.isend(exec, from, next, 2);
  receive.wait();
  send.wait();
  EXPECT_EQ(host_numbers(to), (std::vector<double>{1, 2, 3, -6, -5}));
}

TEST(StagedMessage, MayBeGivenUpByAnException) {
  const Communicator comm = staged_world();
  const Exec exec;
  const auto view = device_numbers(100, 0.0);
  const int other = (comm.rank() + 1) % comm.size();
  EXPECT_THROW(
      {
        const Pending never_comes = comm.irecv(exec, view, other, 99);
        throw NumericError("an atom is lost");
      },
      NumericError);
  EXPECT_EQ(comm.sum(1.0), comm.size());  // the library still works
}

}  // namespace
}  // namespace r1
