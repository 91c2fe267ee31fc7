// SPDX-License-Identifier: Apache-2.0
#include "apps/results_folder.hpp"

#include "comm/agree.hpp"
#include "core/text.hpp"
#include "io/text_file.hpp"
#include "io/write_file.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace r1::apps {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.yaml";
constexpr const char* kSummary = "summary.json";  // the last file that a run writes
constexpr std::uint64_t kMostConfigBytes = std::uint64_t{16} << 20;

/// The first line in which two texts differ: "line 12: 'timestep: 1' there, 'timestep: 2' here".
std::string first_difference(const std::string& there, const std::string& here) {
  std::istringstream a(there), b(here);
  std::string left, right;
  for (int line = 1;; ++line) {
    const bool more_left = static_cast<bool>(std::getline(a, left));
    const bool more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left) left.clear();
    if (!more_right) right.clear();
    if (left != right || (!more_left && !more_right))
      return std::string(kConfig) + " line " + std::to_string(line) + ": '" +
             shortened(trim(left)) + "' there, '" + shortened(trim(right)) + "' now";
  }
}

/// Names in `folder` that begin as `beginning` does, in order.
std::vector<std::string> names_of(const fs::path& folder, std::string_view beginning) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (auto name = entry.path().filename().string(); name.starts_with(beginning))
      names.push_back(std::move(name));
  if (error && error != std::errc::no_such_file_or_directory)
    io::throw_io_error("list the folder", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> ResultsFolder::results() const {
  std::vector<std::string> results;
  for (const std::string_view name : files_.names) {
    if (name.ends_with('*')) {
      const auto all = names_of(folder_, name.substr(0, name.size() - 1));
      results.insert(results.end(), all.begin(), all.end());
    } else if (fs::exists(fs::symlink_status(folder_ / name))) {
      results.emplace_back(name);
    }
  }
  return results;
}

ResultsFolder::State ResultsFolder::look(const Command& command) const {
  if (fs::exists(folder_) && !fs::is_directory(folder_))
    throw CommandLineError(
        "'" + folder_.string() +
        "' is a file, expected a folder for the results; choose another with -o");
  if (command.existing == Existing::overwritten || results().empty()) return State::free;
  const std::string remedy = "; choose another folder with -o, or replace them with --overwrite";
  const std::string place = "the folder '" + folder_.string() + "' holds results ";
  const bool described = fs::is_regular_file(folder_ / kConfig);
  const auto there = described ? io::read_text_file(folder_ / kConfig, kMostConfigBytes) : "";
  const bool whole = there == config_ && fs::is_regular_file(folder_ / kSummary);
  if (whole && command.restart != Restart::from_file) return State::finished;
  if (command.restart == Restart::none)
    throw CommandLineError(place + "(" + joined(results()) + "), and --restart none starts anew" +
                           remedy);
  if (checkpoints().any()) return State::begun;
  if (!described) throw CommandLineError(place + "(" + joined(results()) + ")" + remedy);
  if (there != config_)
    throw CommandLineError(place + "of a different input (" + first_difference(there, config_) +
                           ")" + remedy);
  throw CommandLineError(place + "of a run of this input that has no checkpoint" + remedy);
}

void ResultsFolder::make() const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) io::throw_io_error("make the folder", folder_, error.value());
}

void ResultsFolder::clear() const {
  std::error_code error;
  checkpoints().remove();
  if (files_.remove_others) files_.remove_others(folder_);
  for (const auto& name : results()) {
    if (fs::is_directory(fs::symlink_status(folder_ / name))) continue;  // not of our making
    fs::remove(folder_ / name, error);
    if (error) io::throw_io_error("remove", folder_ / name, error.value());
  }
}

void ResultsFolder::describe() const { io::write_file(folder_ / kConfig, config_); }

ResultsFolder::State look_at(const ResultsFolder& folder, const Command& command,
                             const Communicator& world) {
  int state = 0;
  agree_on_root(world, [&] { state = static_cast<int>(folder.look(command)); });
  world.broadcast(std::span<int>(&state, 1));
  return static_cast<ResultsFolder::State>(state);
}

io::FolderLock lock_of(const ResultsFolder& folder, const Parallel& parallel) {
  constexpr std::chrono::seconds kPatience{20};
  return {parallel.world, folder.path(), kPatience,
          [&](const std::string& text) { parallel.log.warning(text); }};
}

io::FolderLock take_over(const ResultsFolder& folder, const Command& command,
                         const Parallel& parallel) {
  const auto& world = parallel.world;
  agree_on_root(world, [&] { folder.make(); });
  auto lock = lock_of(folder, parallel);
  if (look_at(folder, command, world) != ResultsFolder::State::free)
    throw IoError("another job has begun in '" + folder.path().string() + "' meanwhile");
  agree_on_root(world, [&] { folder.clear(); });
  return lock;
}

}  // namespace r1::apps
