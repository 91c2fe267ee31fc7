// A plan: a graph made ready to run. Its schedule, its kernels and the place of every buffer in one arena are fixed when it is made;
// a run only launches. State inputs are updated in place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "ml/graph/graph.hpp"
#include "ml/runtime/kernel.hpp"
#include "ml/runtime/launch_record.hpp"
#include "ml/runtime/tensor.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace r1::ml {

class Plan {
 public:
  /// The kernel of a node; null: there is none.
  using MakeKernel =
      std::function<std::unique_ptr<Kernel>(const Node& node, const KernelRequest& request)>;

  /// Throws Error for an operation that has no kernel, or that is for another number of ranks. The graph is not needed any more
  /// afterwards. The ranks of `communicator` make and run the same plans in the same order; before its first run they compare them:
  /// CommError on all of them if they differ. Kernels are those of the operations, or what `make_kernel` makes, which is for those who look
  /// at plans.
  explicit Plan(const Graph& graph, const Communicator& communicator = Communicator::self());
  Plan(const Graph& graph, const MakeKernel& make_kernel,
       const Communicator& communicator = Communicator::self());
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;

  /// Of the arena, scratch of the kernels included, and of the constants beside it.
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::size_t constant_bytes() const { return constant_bytes_; }
  /// What no arena can be below with this schedule: the most that is needed at one step.
  std::size_t least_arena_bytes() const { return least_arena_bytes_; }
  /// Of state that an update could not be computed in place of: it is copied at the end of a run.
  std::size_t copied_bytes() const;

  /// Where it computes: at least arena_bytes(), shared with plans that do not run at the same time. Else the first run allocates.
  void use_arena(const View<std::byte*>& arena);
  /// Memory of an input, of its type. All inputs are bound before the first run.
  void bind(std::string_view input, const Tensor& tensor);

  /// All of the schedule, in order, on `exec`. Buffers are allocated in the first run alone.
  void run(const Exec& exec);

  /// A copy of an output, after run(). An update is read from its state input.
  Tensor output(std::string_view name) const;

  struct Step {
    const char* op;
    std::string place;
    std::unique_ptr<Kernel> kernel;
    std::vector<int> operands, results;  // buffers
    int scratch = -1;
  };
  const std::vector<Step>& steps() const { return steps_; }

  /// A result of a step, where it lies on the device.
  struct Result {
    const Type& type;
    const void* data;
  };
  using AfterStep = std::function<void(const Step& step, std::span<const Result> results)>;
  /// The same as run(), and `after` looks at the results of each step: to find out what went wrong.
  void run(const Exec& exec, const AfterStep& after);

 private:
  friend class PlanBuilder;
  struct Buffer {
    Type type;
    enum class In : std::uint8_t {
      arena,
      constants,
      input,
      view  // a part of buffer `base`, which is no view
    } in = In::arena;
    std::size_t offset = 0;  // in the arena, the constants or the base
    int base = -1;
    void* address = nullptr;
  };
  struct Copy {
    int from, to;
  };
  struct Addresses {
    std::vector<const void*> operands;
    std::vector<void*> results;
    void* scratch;
  };
  void resolve();
  void place_buffers();
  Addresses addresses_of(const Step& step) const;
  void launch(const Exec& exec, std::size_t step) const;
  void launch_all(const Exec& exec) const;
  void copy_states(const Exec& exec) const;

  void compare_over_ranks() const;

  Communicator communicator_;
  std::uint64_t hash_ = 0;  // of the graph's text, where there are several ranks
  std::vector<Buffer> buffers_;
  std::vector<Step> constants_, steps_;
  std::vector<Copy> copies_;
  std::map<std::string, int, std::less<>> inputs_, outputs_;  // buffers
  std::size_t arena_bytes_ = 0, least_arena_bytes_ = 0, constant_bytes_ = 0;
  View<std::byte*> arena_, constant_memory_;
  bool compared_ = false, resolved_ = false, communicates_ = false;
  std::vector<Addresses> addresses_;  // by step
  LaunchRecord record_;               // of all launches with these addresses
};

}  // namespace r1::ml
