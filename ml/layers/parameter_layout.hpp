// Where the parameters of a model lie: in one flat buffer for those that weight decay pulls at and one for the others, so that an
// optimizer is a few passes over long arrays and a range of a buffer is a piece of work for collectives. Parts begin at cache lines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace r1::ml {

class ParameterLayout {
 public:
  static constexpr std::int64_t kAlignment = 32;  // elements

  struct Place {
    std::size_t buffer;
    std::int64_t offset;  // [elements]
  };

  /// Of the parameters of a trace, in their order. Their element types agree.
  explicit ParameterLayout(std::vector<Parameter> parameters);

  /// The flat buffers, "parameters.decayed" and "parameters.plain", as optimizers see them: each is a parameter. Empty ones are left out.
  const std::vector<Parameter>& buffers() const { return buffers_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  Place place_of(const std::string& parameter) const;
  std::int64_t elements() const;  // of all parameters, without what lies between them

  /// The values at the start of buffer `buffer`.
  std::vector<float> initial(std::size_t buffer, std::uint64_t seed) const;
  /// One value for each buffer from one for each parameter: what is between them is zero.
  Values flat(const Values& of_parameters) const;

 private:
  std::vector<Parameter> parameters_, buffers_;
  std::map<std::string, Place, std::less<>> places_;
};

}  // namespace r1::ml
