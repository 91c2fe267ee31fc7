// One rank finds a fault that the others know nothing of, while they wait for it: abort() ends them
// all with its code.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.hpp"

int main(int argc, char** argv) {
  const r1::CommScope scope(argc, argv);
  const r1::Communicator world = scope.world();
  if (world.rank() == world.size() - 1) world.abort(7);
  world.barrier();
  return 0;
}
