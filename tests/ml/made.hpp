// Members of registries for tests, from a line of YAML: made(builtin_losses(), "cross_entropy: {}", LossContext{}).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "ml/layers/layer.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace r1::ml::test {

template <class Registry, class Context>
auto made(const Registry& registry, const std::string& yaml, const Context& context) {
  const auto schema = io::mapping({io::Key("it", registry.schema(), "It.").required_()});
  const auto document = io::parse_config("it: {" + yaml + "}\n", "test.yaml", schema);
  document->check();
  return registry.make(document->root()["it"], context);
}

/// Layers one after the other: {"linear: 7", "tanh: {}"}.
inline std::shared_ptr<const Layer> sequence_of(std::initializer_list<const char*> layers) {
  const auto registry = builtin_layers();
  std::vector<Sequence::Member> members;
  for (const char* yaml : layers) members.push_back({yaml, made(registry, yaml, LayerContext{})});
  return std::make_shared<Sequence>(std::move(members));
}

}  // namespace r1::ml::test
