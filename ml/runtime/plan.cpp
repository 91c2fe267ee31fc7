// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/plan.hpp"

#include <fmt/format.h>

#include <utility>

namespace r1::ml {
namespace {

using Bytes = Kokkos::View<std::byte*, Mem, Kokkos::MemoryUnmanaged>;

Bytes bytes_at(void* address, std::size_t size) {
  return Bytes(static_cast<std::byte*>(address), size);
}

}  // namespace

Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;

std::size_t Plan::copied_bytes() const {
  std::size_t sum = 0;
  for (const auto& copy : copies_) sum += buffers_[static_cast<std::size_t>(copy.to)].type.bytes();
  return sum;
}

void Plan::use_arena(const View<std::byte*>& arena) {
  R1_ASSERT(arena.size() >= arena_bytes_);
  arena_ = arena;
  resolved_ = false;
}

void Plan::bind(std::string_view input, const Tensor& tensor) {
  const auto found = inputs_.find(input);
  if (found == inputs_.end()) throw Error(fmt::format("the plan has no input '{}'", input));
  auto& buffer = buffers_[static_cast<std::size_t>(found->second)];
  if (tensor.type().dtype != buffer.type.dtype || tensor.type().shape != buffer.type.shape)
    throw Error(fmt::format("input '{}' is {}, the tensor bound to it is {}", input,
                            buffer.type.text(), tensor.type().text()));
  buffer.address = tensor.data();
  resolved_ = false;
}

void Plan::run(const Exec& exec) {
  if (!resolved_) resolve();
  if (record_.recorded()) return record_.run(exec);
  launch_all(exec);
  // Exchanges wait for other ranks, on the host.
  if (LaunchRecord::available() && !communicates_ && !steps_.empty())
    record_.record(exec, [&] { launch_all(exec); });
}

void Plan::launch_all(const Exec& exec) const {
  for (std::size_t step = 0; step < steps_.size(); ++step) launch(exec, step);
  copy_states(exec);
}

void Plan::run(const Exec& exec, const AfterStep& after) {
  if (!resolved_) resolve();
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    launch(exec, step);
    exec.fence("results are looked at");
    std::vector<Result> results;
    for (std::size_t k = 0; k < steps_[step].results.size(); ++k)
      results.push_back({buffers_[static_cast<std::size_t>(steps_[step].results[k])].type,
                         addresses_[step].results[k]});
    after(steps_[step], results);
  }
  copy_states(exec);
}

void Plan::copy_states(const Exec& exec) const {
  for (const auto& copy : copies_) {
    const auto& to = buffers_[static_cast<std::size_t>(copy.to)];
    Kokkos::deep_copy(
        exec, bytes_at(to.address, to.type.bytes()),
        bytes_at(buffers_[static_cast<std::size_t>(copy.from)].address, to.type.bytes()));
  }
}

Tensor Plan::output(std::string_view name) const {
  const auto found = outputs_.find(name);
  if (found == outputs_.end()) throw Error(fmt::format("the plan has no output '{}'", name));
  const auto& buffer = buffers_[static_cast<std::size_t>(found->second)];
  Tensor copy(buffer.type);
  Kokkos::deep_copy(bytes_at(copy.data(), buffer.type.bytes()),
                    bytes_at(buffer.address, buffer.type.bytes()));
  return copy;
}

void Plan::launch(const Exec& exec, std::size_t step) const {
  const auto& a = addresses_[step];
  steps_[step].kernel->run({exec, a.operands, a.results, a.scratch});
}

void Plan::compare_over_ranks() const {
  if (communicator_.size() == 1) return;
  const auto hashes = communicator_.all_gather(std::span<const std::uint64_t>(&hash_, 1));
  for (std::size_t rank = 1; rank < hashes.size(); ++rank)
    if (hashes[rank] != hashes[0]) {
      CommError error(fmt::format(
          "rank {} is about to run another plan than rank 0: trace the same graph on all ranks, "
          "and run plans in the same order",
          rank));
      error.mark_agreed();
      throw error;
    }
}

void Plan::resolve() {
  const bool first = constant_memory_.data() == nullptr;
  if (!std::exchange(compared_, true)) compare_over_ranks();
  place_buffers();
  for (const auto& [name, k] : inputs_)
    if (buffers_[static_cast<std::size_t>(k)].address == nullptr &&
        buffers_[static_cast<std::size_t>(k)].type.bytes() > 0)
      throw Error(fmt::format("nothing is bound to the plan's input '{}'", name));
  addresses_.clear();
  for (const auto& step : steps_) addresses_.push_back(addresses_of(step));
  if (first) {
    const Exec exec;
    for (const auto& step : constants_) {
      const auto a = addresses_of(step);
      step.kernel->run({exec, a.operands, a.results, a.scratch});
    }
    exec.fence("constants are there before the first run");
    constants_.clear();  // with the host's values
  }
  record_ = {};
  resolved_ = true;
}

/// Allocates what is not there yet; views last, since they are parts of the others.
void Plan::place_buffers() {
  const auto allocate = [](std::size_t bytes, const char* label) {
    return View<std::byte*>(Kokkos::view_alloc(Kokkos::WithoutInitializing, std::string(label)),
                            bytes);
  };
  if (constant_memory_.data() == nullptr)
    constant_memory_ = allocate(constant_bytes_, "r1::ml::Plan::constants");
  if (arena_.data() == nullptr) arena_ = allocate(arena_bytes_, "r1::ml::Plan::arena");
  for (auto& buffer : buffers_) {
    if (buffer.in == Buffer::In::arena) buffer.address = arena_.data() + buffer.offset;
    if (buffer.in == Buffer::In::constants)
      buffer.address = constant_memory_.data() + buffer.offset;
  }
  for (auto& buffer : buffers_)
    if (buffer.in == Buffer::In::view)
      buffer.address =
          static_cast<std::byte*>(buffers_[static_cast<std::size_t>(buffer.base)].address) +
          buffer.offset;
}

Plan::Addresses Plan::addresses_of(const Step& step) const {
  const auto at = [this](int k) { return buffers_[static_cast<std::size_t>(k)].address; };
  Addresses a{{}, {}, nullptr};
  for (const int k : step.operands) a.operands.push_back(at(k));
  for (const int k : step.results) a.results.push_back(at(k));
  if (step.scratch >= 0) a.scratch = at(step.scratch);
  return a;
}

}  // namespace r1::ml
