// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/runtime/launch_record.hpp"
#include "ml/runtime/owned_handle.hpp"

#include <fmt/format.h>

#include <cuda_runtime_api.h>

namespace r1::ml {
namespace {

void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess)
    throw Error(fmt::format("CUDA: {} failed: {}", call, cudaGetErrorString(status)));
}

using Graph = OwnedHandle<cudaGraph_t, cudaGraphDestroy>;
using Executable = OwnedHandle<cudaGraphExec_t, cudaGraphExecDestroy>;

}  // namespace

struct LaunchRecord::Recorded {
  Executable executable;
};

LaunchRecord::LaunchRecord() = default;
LaunchRecord::~LaunchRecord() = default;
LaunchRecord::LaunchRecord(LaunchRecord&&) noexcept = default;
LaunchRecord& LaunchRecord::operator=(LaunchRecord&&) noexcept = default;

bool LaunchRecord::available() { return true; }

void LaunchRecord::record(const Exec& exec, const std::function<void()>& launch) {
  cudaGraph_t captured = nullptr;
  check(cudaStreamBeginCapture(exec.cuda_stream(), cudaStreamCaptureModeRelaxed),
        "cudaStreamBeginCapture");
  launch();
  check(cudaStreamEndCapture(exec.cuda_stream(), &captured), "cudaStreamEndCapture");
  const Graph graph(captured);
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph.get(), 0), "cudaGraphInstantiate");
  recorded_ = std::make_unique<Recorded>(Executable(executable));
}

void LaunchRecord::run(const Exec& exec) const {
  check(cudaGraphLaunch(recorded_->executable.get(), exec.cuda_stream()), "cudaGraphLaunch");
}

}  // namespace r1::ml
