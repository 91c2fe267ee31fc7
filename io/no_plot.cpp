// For builds without PLplot.
// SPDX-License-Identifier: Apache-2.0
#include "io/plot.hpp"

namespace r1::io {

bool can_plot() { return false; }
void write_png(const std::filesystem::path&, const LinePlot&) {}

}  // namespace r1::io
