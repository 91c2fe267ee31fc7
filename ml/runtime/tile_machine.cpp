// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_machine.hpp"

#include "core/error.hpp"
#include "ml/runtime/tile_functions.hpp"

#include <string>

namespace r1::ml {
namespace {

using pointwise::Functions;

template <class... F>
int find_function(std::string_view name, pointwise::List<F...>) {
  int number = 0, found = -1;
  ((F::name == name ? found = number : 0, ++number), ...);
  return found;
}

template <class... F>
int find_arity(int function, pointwise::List<F...>) {
  const int arities[] = {arity<F>()...};
  return arities[function];
}

template <class... F>
std::string_view find_name(int function, pointwise::List<F...>) {
  const std::string_view names[] = {F::name...};
  return names[function];
}

}  // namespace

int function_number(std::string_view name) {
  const int found = find_function(name, Functions());
  if (found < 0) throw Error("no pointwise function is called '" + std::string(name) + "'");
  return found;
}

int arity_of(int function) { return find_arity(function, Functions()); }

std::string_view function_name(int function) { return find_name(function, Functions()); }

std::string chain_text(const TileProgram& program) {
  std::string text;
  for (const auto& i : program.instructions)
    text += (text.empty() ? "" : " ") + std::string(function_name(i.function));
  return text;
}

Dtype tile_arithmetic_of(Dtype dtype) {
  if (dtype == Dtype::f64) return Dtype::f64;
  return is_floating(dtype) || dtype == Dtype::boolean ? Dtype::f32 : Dtype::i64;
}

std::unique_ptr<Kernel> tile_kernel(const TileProgram& program) {
  return kDeviceIsHost ? host_tile_kernel(program) : team_tile_kernel(program);
}

std::unique_ptr<Kernel> pointwise_kernel(const KernelRequest& request, std::string_view function) {
  TileProgram program;
  for (const auto& type : request.operands) program.operands.push_back({type.dtype, 1, 0});
  // A condition's type says nothing of the arithmetic; a cast computes in the wider of its types.
  auto dtype = request.operands.back().dtype;
  if (function == "cast" && request.results[0].dtype == Dtype::f64) dtype = Dtype::f64;
  program.computes_in = tile_arithmetic_of(dtype);
  TileProgram::Instruction instruction{function_number(function)};
  for (int k = 0; k < arity_of(instruction.function); ++k) instruction.arguments[k] = k;
  if (const auto* exponent = request.attributes.find("exponent"))
    instruction.immediate = std::get<double>(*exponent);
  program.instructions = {instruction};
  program.results = {{request.results[0].dtype, static_cast<int>(program.operands.size())}};
  program.elements = request.results[0].shape.elements();
  return tile_kernel(program);
}

}  // namespace r1::ml
