// CommScope of a build without MPI.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator_impl.hpp"

namespace r1 {

CommScope::CommScope(int&, char**&) { refuse_lone_ranks(1); }
CommScope::~CommScope() { (void)started_here_; }  // of MPI: nothing was started

Communicator CommScope::world() const { return Communicator::self(); }

std::string CommScope::library_version() { return "none"; }

}  // namespace r1
