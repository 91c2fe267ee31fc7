// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/fused.hpp"

#include "ml/graph/node_store.hpp"
#include "ml/graph/op.hpp"
#include "ml/runtime/kernel.hpp"

#include <fmt/format.h>

namespace r1::ml {
namespace {

constexpr std::size_t kWords = 4;  // of an instruction: function, arguments

/// The program and the types of its results as attributes, which are hashed, printed and compared between ranks.
Attributes attributes_of(const TileProgram& p, const std::vector<Type>& results) {
  Integers code, divisors, moduli, sources, dtypes, shapes, spreads;
  Reals immediates;
  for (const auto& i : p.instructions) {
    code.push_back(i.function);
    code.insert(code.end(), std::begin(i.arguments), std::end(i.arguments));
    immediates.push_back(i.immediate);
  }
  for (const auto& operand : p.operands) {
    divisors.push_back(operand.divisor);
    moduli.push_back(operand.modulus);
  }
  for (const auto& result : p.results) sources.push_back(result.source);
  for (const auto& type : results) {
    dtypes.push_back(static_cast<std::int64_t>(type.dtype));
    spreads.push_back(static_cast<std::int64_t>(type.spread));
    shapes.push_back(type.shape.rank());
    shapes.insert(shapes.end(), type.shape.begin(), type.shape.end());
  }
  return {{"chain", chain_text(p)},   {"code", code},         {"computes_in", p.computes_in},
          {"constants", p.constants}, {"divisors", divisors}, {"dtypes", dtypes},
          {"immediates", immediates}, {"moduli", moduli},     {"shapes", shapes},
          {"sources", sources},       {"spreads", spreads}};
}

std::vector<Type> results_in(const Attributes& a) {
  std::vector<Type> types;
  const auto& shapes = a.integers("shapes");
  auto at = shapes.begin();
  for (std::size_t k = 0; k < a.integers("dtypes").size(); ++k) {
    const auto rank = *at++;
    types.push_back({static_cast<Dtype>(a.integers("dtypes")[k]),
                     Shape(std::vector<std::int64_t>(at, at + rank)),
                     static_cast<Spread>(a.integers("spreads")[k])});
    at += rank;
  }
  return types;
}

TileProgram program_in(const KernelRequest& request) {
  const auto& a = request.attributes;
  TileProgram p;
  p.computes_in = a.dtype("computes_in");
  p.constants = a.reals("constants");
  p.elements = request.results[0].shape.elements();
  for (std::size_t k = 0; k < request.operands.size(); ++k)
    p.operands.push_back(
        {request.operands[k].dtype, a.integers("divisors")[k], a.integers("moduli")[k]});
  const auto& code = a.integers("code");
  for (std::size_t k = 0; k * kWords < code.size(); ++k) {
    TileProgram::Instruction i{static_cast<int>(code[k * kWords])};
    for (std::size_t argument = 0; argument < 3; ++argument)
      i.arguments[argument] = static_cast<int>(code[k * kWords + 1 + argument]);
    i.immediate = a.reals("immediates")[k];
    p.instructions.push_back(i);
  }
  for (std::size_t k = 0; k < request.results.size(); ++k)
    p.results.push_back({request.results[k].dtype, static_cast<int>(a.integers("sources")[k])});
  return p;
}

class Fused final : public Op {
 public:
  std::string_view name() const override { return "fused"; }
  int arity() const override { return kAny; }
  std::vector<Type> infer(std::span<const Type>, const Attributes& attributes) const override {
    return results_in(attributes);
  }
  bool sets_spread() const override { return false; }
  Values vjp(const Node&, const Values&) const override { refuse(); }
  Values jvp(const Node&, const Values&) const override { refuse(); }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return tile_kernel(program_in(request));
  }
  std::vector<Example> examples() const override { return {}; }

 private:
  [[noreturn]] static void refuse() {
    throw Error("a fused chain has no derivative: derivatives are taken before chains are fused");
  }
} const kFused;

}  // namespace

Values fused(NodeStore& store, const TileProgram& program, const Values& operands,
             const std::vector<Type>& results) {
  return store.intern(kFused, attributes_of(program, results), operands).all_results();
}

}  // namespace r1::ml
