// Start and end of the MPI library.
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"

#include <array>
#include <cstdlib>
#include <exception>

namespace r1 {
namespace mpi {
namespace {

constexpr const char* kThreadLevelFault =
    "the MPI library was started without support for threads; r1 computes with threads and needs "
    "MPI_THREAD_FUNNELED: start it"
    " with MPI_Init_thread, or leave the start to r1";

/// Whether a launcher has left word for the library of who this rank is. Without it, under Slurm, Open MPI ends the program in
/// its start, with advice on how to compile Open MPI; ours names the option that is missing.
bool launcher_is_known() {
  for (const char* name : {"PMIX_NAMESPACE", "PMI_RANK", "PMI_FD", "OMPI_COMM_WORLD_SIZE"})
    if (std::getenv(name)) return true;
  return false;
}

/// Starts the library unless that has been done; returns whether it was done here.
bool start(int& argc, char**& argv) {
  int running = 0;
  int level = MPI_THREAD_SINGLE;
  check(MPI_Initialized(&running), "MPI_Initialized");
  if (running) {
    check(MPI_Query_thread(&level), "MPI_Query_thread");
  } else {
    if (!launcher_is_known()) refuse_lone_ranks(1);
    check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level), "MPI_Init_thread");
    // What belongs to no communicator of ours is reported here.
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  }
  if (level < MPI_THREAD_FUNNELED) {
    if (!running) MPI_Finalize();
    throw CommError(kThreadLevelFault);
  }
  return !running;
}

}  // namespace

void check(int code, const std::string& doing) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS) length = 0;
  const std::string said(text.data(), static_cast<std::size_t>(length));
  throw CommError(doing +
                  " failed: " + (said.empty() ? "MPI error " + std::to_string(code) : said));
}

std::string library_name() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  std::string name(text.data(), static_cast<std::size_t>(length));
  name.resize(std::min(name.size(), name.find_first_of(",\n")));
  std::string compact;  // MPICH aligns its text with tabs
  for (const char c : name)
    if (c != '\t') compact += c;
  return compact;
}

}  // namespace mpi

CommScope::CommScope(int& argc, char**& argv) : started_here_(mpi::start(argc, argv)) {
  world_ = mpi::MpiCommunicator::duplicate_of(MPI_COMM_WORLD);
  try {
    refuse_lone_ranks(world_->size());
  } catch (...) {
    world_.reset();
    if (started_here_) MPI_Finalize();  // alone, so nobody is waited for
    throw;
  }
}

CommScope::~CommScope() {
  world_.reset();
  if (started_here_ && std::uncaught_exceptions() == 0) MPI_Finalize();
}

Communicator CommScope::world() const { return Communicator(world_); }

std::string CommScope::library_version() { return mpi::library_name(); }

}  // namespace r1
