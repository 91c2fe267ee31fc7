// The child walks with HDF5's C API alone: our own layer would lock and throw. The parent waits for the end of a pipe that the child
// holds; what the child writes into it is the library's complaint.
// SPDX-License-Identifier: Apache-2.0
#include "io/foreign_hdf5.hpp"

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/hdf5_detail.hpp"
#include "io/write_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace r1::io {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{16} << 20;
constexpr int kSound = 0, kFaulty = 3;

// In the child. A walker's function returns false after a call of the library that failed.

/// An identifier. hdf5::Handle takes a lock, whose owner is a thread of the parent's.
class Held {
 public:
  explicit Held(hid_t id) : id_(id) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (valid()) H5Idec_ref(id_);
  }
  hid_t id() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
};

/// All numbers or texts of an attribute or of a block; those of variable length are given back to the library.
template <class Read>
bool read_block(hid_t type, hid_t space, std::uint64_t elements, const Read& read) {
  const std::size_t size = H5Tget_size(type);
  if (size == 0 || size > kPieceBytes || elements > kPieceBytes / size) return false;
  std::vector<std::byte> bytes(size * elements);
  if (read(bytes.data()) < 0) return false;
  const bool variable = H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0;
  return !variable || H5Dvlen_reclaim(type, space, H5P_DEFAULT, bytes.data()) >= 0;
}

bool read_attribute(hid_t attribute) {
  const Held stored(H5Aget_type(attribute)), space(H5Aget_space(attribute));
  if (!stored.valid() || !space.valid()) return false;
  const Held type(H5Tget_native_type(stored.id(), H5T_DIR_ASCEND));
  const hssize_t elements = H5Sget_simple_extent_npoints(space.id());
  if (!type.valid() || elements < 0) return false;
  if (elements == 0) return true;
  return read_block(type.id(), space.id(), static_cast<std::uint64_t>(elements),
                    [&](void* to) { return H5Aread(attribute, type.id(), to); });
}

herr_t visit_attribute(hid_t object, const char* name, const H5A_info_t*, void*) {
  const Held attribute(H5Aopen(object, name, H5P_DEFAULT));
  return attribute.valid() && read_attribute(attribute.id()) ? 0 : -1;
}

/// The bytes of other files are not read: nor does this program read them.
bool keeps_its_own_bytes(hid_t dataset) {
  const Held properties(H5Dget_create_plist(dataset));
  const H5D_layout_t layout = H5Pget_layout(properties.id());
  return layout != H5D_VIRTUAL &&
         !(layout == H5D_CONTIGUOUS && H5Pget_external_count(properties.id()) > 0);
}

/// The largest block, along the last dimensions first, that is no larger than a piece.
std::vector<hsize_t> block_of(const std::vector<hsize_t>& shape, std::size_t element) {
  std::vector<hsize_t> block(shape.size());
  hsize_t room = std::max<hsize_t>(1, kPieceBytes / element);
  for (std::size_t d = shape.size(); d-- > 0;) {
    block[d] = std::min(shape[d], room);
    room = std::max<hsize_t>(1, room / block[d]);
  }
  return block;
}

/// The next block's place; false behind the last.
bool go_on(std::vector<hsize_t>& at, const std::vector<hsize_t>& shape,
           const std::vector<hsize_t>& block) {
  for (std::size_t d = shape.size(); d-- > 0;) {
    at[d] += block[d];
    if (at[d] < shape[d]) return true;
    at[d] = 0;
  }
  return false;
}

bool read_pieces(hid_t dataset, hid_t type, hid_t space, const std::vector<hsize_t>& shape) {
  const auto block = block_of(shape, H5Tget_size(type));
  std::vector<hsize_t> at(shape.size(), 0);
  do {
    std::vector<hsize_t> count(shape.size());
    std::uint64_t elements = 1;
    for (std::size_t d = 0; d < shape.size(); ++d)
      elements *= count[d] = std::min(block[d], shape[d] - at[d]);
    const Held memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr));
    if (!memory.valid() ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, at.data(), nullptr, count.data(), nullptr) < 0)
      return false;
    const bool sound = read_block(type, memory.id(), elements, [&](void* to) {
      return H5Dread(dataset, type, memory.id(), space, H5P_DEFAULT, to);
    });
    if (!sound) return false;
  } while (go_on(at, shape, block));
  return true;
}

bool read_dataset(hid_t dataset) {
  const Held stored(H5Dget_type(dataset)), space(H5Dget_space(dataset));
  if (!stored.valid() || !space.valid()) return false;
  const Held type(H5Tget_native_type(stored.id(), H5T_DIR_ASCEND));
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (!type.valid() || rank < 0) return false;
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  if (H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr) < 0) return false;
  if (!keeps_its_own_bytes(dataset) || H5Sget_simple_extent_type(space.id()) == H5S_NULL ||
      std::count(shape.begin(), shape.end(), hsize_t{0}) > 0)
    return true;
  if (H5Tget_size(type.id()) == 0) return false;
  if (rank == 0)
    return read_block(type.id(), space.id(), 1, [&](void* to) {
      return H5Dread(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
    });
  return read_pieces(dataset, type.id(), space.id(), shape);
}

bool read_file(const std::filesystem::path& file) {
  H5PLset_loading_state(0);  // filters from a plug-in folder are code
  const Held opened(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!opened.valid()) return false;
  // Every object once, along hard links. The information's type differs between versions of the library.
  const auto visit = [](hid_t from, const char* name, const auto*, void*) -> herr_t {
    const Held object(H5Oopen(from, name, H5P_DEFAULT));
    if (!object.valid()) return -1;
    hsize_t first = 0;
    if (H5Aiterate2(object.id(), H5_INDEX_NAME, H5_ITER_NATIVE, &first, visit_attribute, nullptr) <
        0)
      return -1;
    if (H5Iget_type(object.id()) != H5I_DATASET) return 0;
    return read_dataset(object.id()) ? 0 : -1;
  };
  return H5Ovisit1(opened.id(), H5_INDEX_NAME, H5_ITER_NATIVE, visit, nullptr) >= 0;
}

herr_t write_complaint(unsigned, const H5E_error2_t* entry, void* pipe) {
  const char* text = entry->desc != nullptr ? entry->desc : "";
  return ::write(*static_cast<int*>(pipe), text, std::strlen(text)) < 0 ? -1
                                                                        : 1;  // the first alone
}

void limit(__rlimit_resource resource, std::uint64_t most) {
  rlimit now{};
  ::getrlimit(resource, &now);
  now.rlim_cur = std::min<rlim_t>(most, now.rlim_max);
  ::setrlimit(resource, &now);
}

std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Handlers of the parent would print, or save a state that is not the child's; requests to end are the parent's to heed.
void settle_signals() {
  for (const int fatal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGALRM, SIGPIPE})
    ::signal(fatal, SIG_DFL);
  for (const int request : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(request, SIG_IGN);
}

[[noreturn]] void be_child(const std::filesystem::path& file, const ForeignLimits& limits,
                           std::uint64_t memory, int pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  settle_signals();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_AS, memory);
  limit(RLIMIT_CPU, static_cast<std::uint64_t>(limits.time.count()) + 1);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, stream);
  bool sound = false;
  try {
    sound = read_file(file);
  } catch (...) {  // no memory
  }
  if (!sound) H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, write_complaint, &pipe);
  ::_exit(sound ? kSound : kFaulty);  // handlers of atexit are the parent's, MPI's among them
}

// In the parent.

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw IoError(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    ::close(ends[0]);
  }
  void close_writer() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
  std::array<int, 2> ends{-1, -1};
};

/// What the child says until it ends; none if it has not ended in time.
std::optional<std::string> listen(int pipe, std::chrono::seconds time) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + time;
  std::string said;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return std::nullopt;
    pollfd waited{pipe, POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000))) <= 0)
      continue;
    std::array<char, 512> text;
    const ssize_t got = ::read(pipe, text.data(), text.size());
    if (got > 0) said.append(text.data(), static_cast<std::size_t>(got));
    if (got == 0) return said;
  }
}

int status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;  // somebody else has waited for it: what it said must do
  return status;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw IoError(file.string() + ": " + what +
                "; the file is damaged or not made by this program: replace or remove it");
}

}  // namespace

void check_foreign_hdf5(const std::filesystem::path& file, const ForeignLimits& limits) {
  Descriptor::open_to_read(file);  // what is missing or locked away is called so
  const hdf5::Guard guard;  // the library is at rest, and silent, when it is copied into the child
  H5open();                 // not in the child: a parallel library looks at MPI when it starts
  Pipe pipe;
  const std::uint64_t memory = address_space() + limits.memory;
  const pid_t child = ::fork();
  if (child < 0) throw_io_error("start a process that checks", file, errno);
  if (child == 0) be_child(file, limits, memory, pipe.ends[1]);
  pipe.close_writer();
  const auto said = listen(pipe.ends[0], limits.time);
  if (!said) ::kill(child, SIGKILL);
  const int status = status_of(child);
  if (!said || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    refuse(file,
           fmt::format("the HDF5 library did not finish reading it in {} s", limits.time.count()));
  if (WIFSIGNALED(status))
    refuse(file, fmt::format("the HDF5 library crashed on it (signal {})", WTERMSIG(status)));
  if (WEXITSTATUS(status) != kSound)
    refuse(file, "the HDF5 library cannot read it: " +
                     (said->empty() ? std::string("it gives no reason") : *said));
}

}  // namespace r1::io
