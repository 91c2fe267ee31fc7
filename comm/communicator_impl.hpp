// What a transport provides (bytes only), and what the transports share. communicator.cpp has
// checked ranks, roots and sizes before any of these is called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace r1 {

using Bytes = std::vector<std::byte>;

class Communicator::Impl {
 public:
  virtual ~Impl() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual int node_rank() const = 0;
  virtual int node_size() const = 0;
  virtual bool gpu_aware() const = 0;
  virtual std::string host() const = 0;
  virtual std::string description() const = 0;
  virtual std::shared_ptr<Impl> split(int color) = 0;
  virtual void barrier() = 0;

  virtual Pending isend(const Exec& exec, const void* data, std::size_t bytes, int to, int tag) = 0;
  virtual Pending irecv(const Exec& exec, void* data, std::size_t bytes, int from, int tag) = 0;
  virtual Pending reduce(const std::vector<Reductions::Item>& items) = 0;

  virtual void broadcast(void* data, std::size_t bytes, int root) = 0;
  virtual std::vector<Bytes> gather(std::span<const std::byte> data, int root) = 0;
  virtual std::vector<Bytes> all_gather(std::span<const std::byte> data) = 0;
  virtual std::vector<Bytes> all_to_all(const std::vector<std::span<const std::byte>>& parts) = 0;
  [[noreturn]] virtual void abort(int exit_code) = 0;
};

/// One step of a reduction, `left` from the lower ranks. NaN on either side stays: a rank that went
/// wrong is seen by all.
double combine(Reductions::Op op, double left, double right);

/// Why a start with `size` ranks is wrong although the launcher's step has `step_tasks`
/// (SLURM_STEP_NUM_TASKS, may be null); nothing if all is well. Without this check N copies of the
/// program would overwrite each other's output.
std::optional<std::string> lone_rank_fault(const char* step_tasks, int size);

/// Throws CommError for lone_rank_fault() of this process's environment.
void refuse_lone_ranks(int size);

/// Copies `bytes` between two places of device memory, in the order of `exec`.
void copy_on_device(const Exec& exec, void* to, const void* from, std::size_t bytes);

/// This host's name, without the library's help.
std::string host_name();

}  // namespace r1
