// Communicator::self(): one process that is all there is.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator_impl.hpp"
#include "comm/self_messages.hpp"

#include <cstdio>
#include <cstdlib>

namespace r1 {
namespace {

class Self : public Communicator::Impl {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  int node_rank() const override { return 0; }
  int node_size() const override { return 1; }
  bool gpu_aware() const override { return true; }
  std::string host() const override { return host_name(); }
  std::string description() const override { return "self"; }
  std::shared_ptr<Impl> split(int) override { return std::make_shared<Self>(); }
  void barrier() override {}

  Pending isend(const Exec& exec, const void* data, std::size_t bytes, int, int tag) override {
    return messages_.isend(exec, data, bytes, tag);
  }
  Pending irecv(const Exec& exec, void* data, std::size_t bytes, int, int tag) override {
    return messages_.irecv(exec, data, bytes, tag);
  }
  Pending reduce(const std::vector<Reductions::Item>&) override { return {}; }

  void broadcast(void*, std::size_t, int) override {}
  std::vector<Bytes> gather(std::span<const std::byte> data, int) override {
    return {Bytes(data.begin(), data.end())};
  }
  std::vector<Bytes> all_gather(std::span<const std::byte> data) override {
    return gather(data, 0);
  }
  std::vector<Bytes> all_to_all(const std::vector<std::span<const std::byte>>& parts) override {
    return gather(parts.front(), 0);
  }
  [[noreturn]] void abort(int exit_code) override {
    std::fflush(nullptr);
    std::_Exit(exit_code);
  }

 private:
  SelfMessages messages_;
};

}  // namespace

Communicator Communicator::self() { return Communicator(std::make_shared<Self>()); }

}  // namespace r1
