// Text of graphs: a sound graph, which is written and read again as itself, or a refusal.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/parse.hpp"
#include "ml/ops/registry.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>
#include <optional>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace r1;
  static const auto registry = ml::builtin_ops();
  std::optional<ml::Graph> graph;
  fuzz::allow_refusal([&] { graph = ml::parse_graph(fuzz::text_of(data, size), registry); });
  if (!graph) return 0;
  // No refusal is allowed here.
  const auto text = ml::dump(*graph);
  if (ml::dump(ml::parse_graph(text, registry)) != text) std::abort();
  return 0;
}
