// SPDX-License-Identifier: Apache-2.0
#include "apps/time_limit.hpp"

#include "core/error.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace r1::apps {
namespace {

using Clock = std::chrono::steady_clock;

/// A number of seconds since the epoch, or nothing.
std::optional<double> epoch(const std::string& text) {
  if (text.empty() || text.size() > 12) return std::nullopt;
  for (const char c : text)
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
  return std::stod(text);
}

std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 256> line;
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) text += line.data();
    ::pclose(pipe);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.pop_back();
  return text;
}

/// Seconds until Slurm ends this job.
double left_of_slurm() {
  const char* end = std::getenv("SLURM_JOB_END_TIME");
  auto at = epoch(end != nullptr ? end : "");
  const char* job = std::getenv("SLURM_JOB_ID");
  if (!at && job != nullptr && epoch(job))  // digits alone: safe in a command
    at = epoch(output_of("date +%s -d \"$(squeue -h -j " + std::string(job) +
                         " -o %e 2>/dev/null)\" 2>/dev/null"));
  if (!at)
    throw CommandLineError(
        "walltime 'auto' asks Slurm for the end of the job, but this is no Slurm job, or one "
        "without a limit; give the time as HH:MM:SS, or none");
  return *at - static_cast<double>(std::time(nullptr));
}

Clock::duration seconds(double value) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
}

}  // namespace

TimeLimit::TimeLimit(const md::Walltime& walltime, Clock::time_point started) {
  switch (walltime.kind) {
    case md::Walltime::Kind::unlimited:
      return;
    case md::Walltime::Kind::limited:
      end_ = started + seconds(walltime.seconds);
      return;
    case md::Walltime::Kind::of_the_scheduler:
      end_ = Clock::now() + seconds(left_of_slurm());
      return;
  }
}

std::optional<double> TimeLimit::left() const {
  if (!end_) return std::nullopt;
  return std::chrono::duration<double>(*end_ - Clock::now()).count();
}

bool TimeLimit::is_near(std::chrono::duration<double> write) const {
  // A file system under load may take several times as long as before.
  constexpr double kLeastMargin = 5, kTimes = 5;
  const auto rest = left();
  return rest && *rest <= kLeastMargin + kTimes * write.count();
}

}  // namespace r1::apps
