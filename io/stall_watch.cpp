// SPDX-License-Identifier: Apache-2.0
#include "io/stall_watch.hpp"

#include "comm/agree.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <map>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kShortest{0.05}, kLongest{10};
constexpr int kLooksBetweenReadings = 3;
constexpr int kLooksUntilLeave = 6;  // after the reading in which another rank was to report
constexpr int kReaders = 16;
constexpr std::size_t kPauses = 31;
constexpr std::size_t kMostNamed = 16;

bool lives(const std::optional<Beat>& before, const std::optional<Beat>& after) {
  return after && (!before || after->count != before->count);
}

/// "ranks 0, 1, 3 stand"
std::string ranks_stand(const std::vector<int>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (std::size_t k = 0; k < std::min(ranks.size(), kMostNamed); ++k)
    text += (k > 0 ? ", " : "") + std::to_string(ranks[k]);
  if (ranks.size() > kMostNamed)
    text += " and " + std::to_string(ranks.size() - kMostNamed) + " more";
  return text + (ranks.size() == 1 ? " stands" : " stand");
}

std::string place_of(const Beat& beat) {
  return fmt::format("in step {}{}", beat.step,
                     beat.place.empty() ? "" : " at '" + beat.place + "'");
}

std::string silence_of(std::size_t rank, const std::optional<Beat>& last) {
  if (!last) return fmt::format("rank {} has given no sign of life", rank);
  return fmt::format("rank {} (host {}, process {}) gives no sign of life, last seen {}", rank,
                     last->host, last->process, place_of(*last));
}

}  // namespace

int first_alive(const std::vector<std::optional<Beat>>& before,
                const std::vector<std::optional<Beat>>& after) {
  for (std::size_t rank = 0; rank < std::min(before.size(), after.size()); ++rank)
    if (lives(before[rank], after[rank])) return static_cast<int>(rank);
  return -1;
}

std::string describe_stall(const std::vector<std::optional<Beat>>& before,
                           const std::vector<std::optional<Beat>>& after, double seconds) {
  std::string silent;
  std::size_t unnamed = 0, named = 0;
  std::map<std::pair<std::int64_t, std::string>, std::vector<int>> standing;  // the hindmost first
  for (std::size_t rank = 0; rank < std::min(before.size(), after.size()); ++rank) {
    const auto& beat = after[rank];
    if (!lives(before[rank], beat)) {
      if (named == kMostNamed) {
        ++unnamed;
        continue;
      }
      silent += (named++ > 0 ? "; " : "") + silence_of(rank, beat);
      continue;
    }
    if (beat->quiet < seconds) return "";
    standing[{beat->step, beat->place}].push_back(static_cast<int>(rank));
  }
  if (unnamed > 0) silent += fmt::format("; {} more ranks are silent", unnamed);
  std::string text = silent;
  for (const auto& [place, ranks] : standing)
    text += (text.empty() ? "" : "; ") + ranks_stand(ranks) + ' ' +
            place_of(*after[static_cast<std::size_t>(ranks.front())]);
  return text;
}

StallWatch::StallWatch(const Communicator& comm, const std::filesystem::path& folder,
                       const StallLimit& limit, Work work,
                       const std::function<void(const std::string&)>& warn)
    : file_(folder),
      limit_(limit),
      work_(std::move(work)),
      interval_(std::clamp(Seconds(limit.seconds / 20), kShortest, kLongest)),
      rank_(comm.rank()) {
  beat_.host = comm.host();
  beat_.process = ::getpid();
  try {
    agree_on_root(comm, [&] { file_.create(comm.size()); });
    agree(comm, [&] { beat(); });
  } catch (const IoError& error) {
    if (rank_ == 0) warn(std::string("nobody watches whether this run stalls: ") + error.what());
    return;
  }
  // Signals are for the main thread.
  sigset_t all, old;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &old);
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

StallWatch::~StallWatch() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (rank_ == 0) file_.remove();
}

void StallWatch::watch(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  auto last = Clock::now();
  while (!wake_.wait_for(lock, stop, interval_, [&] { return stop.stop_requested(); })) {
    // A process that was stopped meanwhile has missed nothing.
    const auto now = Clock::now();
    take_a_look(std::min<Seconds>(now - last, 2 * interval_).count());
    last = now;
  }
}

void StallWatch::take_a_look(double seconds) {
  const auto place = work_.place();
  if (place.movements != movements_) {
    if (pauses_.size() < kPauses) pauses_.push_back(0);
    pauses_[std::exchange(next_pause_, (next_pause_ + 1) % kPauses)] = beat_.quiet;
    movements_ = place.movements;
    beat_.quiet = 0;
  } else {
    beat_.quiet += seconds;
  }
  beat_.step = place.step;
  beat_.place = place.region;
  // A file system that hiccups does not end a run; the watch goes on with the next look.
  try {
    beat();
  } catch (const IoError&) {
  }
  try {
    if (beat_.quiet > patience())
      judge();
    else
      before_.clear();
  } catch (const IoError&) {
  }
}

double StallWatch::patience() const {
  // A few ranks are enough to read what all have written.
  const double later = rank_ < kReaders ? 0 : kLooksUntilLeave * interval_.count();
  if (limit_.pauses <= 0 || pauses_.empty()) return limit_.seconds + later;
  auto sorted = pauses_;
  const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), median, sorted.end());
  return std::max(limit_.seconds, limit_.pauses * *median) + later;
}

void StallWatch::judge() {
  if (before_.empty()) {
    before_ = file_.read();
    since_ = 0;
    return;
  }
  if (++since_ % kLooksBetweenReadings != 0) return;
  auto after = file_.read();
  if (const int reporter = other_reporter(after); reporter >= 0) {
    // It has ended, and the launcher is about to end the others: nothing that these show now is a finding.
    if (since_ > kLooksBetweenReadings + kLooksUntilLeave)
      work_.leave(fmt::format("rank {} has ended this run, in which nothing moved", reporter));
    return;
  }
  // Others may have begun to wait a little later.
  const auto text = describe_stall(before_, after, limit_.seconds / 2);
  if (text.empty()) {
    before_.clear();
    return;
  }
  const auto message = fmt::format("no progress for {:.3g} s: {}", beat_.quiet, text);
  if (first_alive(before_, after) == rank_) report(message);
  if (since_ > kLooksBetweenReadings + kLooksUntilLeave) work_.leave(message);
  before_ = std::move(after);
}

void StallWatch::report(const std::string& message) {
  beat_.reported = true;
  try {
    beat();
  } catch (const IoError&) {  // then the others find out by themselves
  }
  work_.report(message);
}

int StallWatch::other_reporter(const std::vector<std::optional<Beat>>& beats) const {
  for (std::size_t rank = 0; rank < beats.size(); ++rank)
    if (static_cast<int>(rank) != rank_ && beats[rank] && beats[rank]->reported)
      return static_cast<int>(rank);
  return -1;
}

void StallWatch::beat() {
  ++beat_.count;
  beat_.time = std::time(nullptr);
  file_.write(rank_, beat_);
}

}  // namespace r1::io
