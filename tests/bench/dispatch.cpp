// What a plan costs beside its kernels: the training step of an input of r1train, each kernel replaced by one that does nothing but ask for
// the same memory.
//   bench_dispatch input.yaml seconds
// Prints one JSON line.
// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"
#include "ml/graph/op.hpp"
#include "ml/passes/optimize.hpp"
#include "tests/bench/measure.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>

namespace r1::ml {
namespace {

class Nothing final : public Kernel {
 public:
  explicit Nothing(std::unique_ptr<Kernel> like) : like_(std::move(like)) {}
  void run(const Launch&) const override {}
  std::size_t scratch_bytes() const override { return like_->scratch_bytes(); }
  bool in_place(int result, int operand) const override { return like_->in_place(result, operand); }

 private:
  std::unique_ptr<Kernel> like_;
};

std::unique_ptr<Kernel> nothing_like(const Node& node, const KernelRequest& request) {
  return std::make_unique<Nothing>(node.op->kernel(request));
}

void run(const char* input, double seconds) {
  const TrainRegistries registries;
  const auto document = io::load_config(input, train_schema(registries));
  document->check();
  const auto job = make_training_job(document->root(), registries);
  const Graph graph = step_graph(job.recipe, layout_of(job.recipe), job.settings.batch_size);
  Plan plan(optimized(graph), nothing_like);
  std::vector<Tensor> tensors;
  for (const auto& in : graph.inputs()) {
    tensors.emplace_back(in.value.type());
    plan.bind(in.name, tensors.back());
  }
  const Exec exec;
  const double step = bench::seconds_of_step(seconds, [&] { plan.run(exec); });
  const auto nodes = plan.steps().size();
  const nlohmann::json result{{"nodes", nodes},
                              {"microseconds_per_node", 1e6 * step / static_cast<double>(nodes)}};
  std::printf("%s\n", result.dump().c_str());
}

}  // namespace
}  // namespace r1::ml

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "bench_dispatch input.yaml seconds\n"), 2;
  return r1::bench::run_with_kokkos("bench_dispatch",
                                    [argv] { r1::ml::run(argv[1], std::atof(argv[2])); });
}
