// Curves in a picture: axes with ticks and labels, a legend, 960 x 600 pixels of PNG. Drawn by PLplot where the build found it
// (plot.cpp), else not at all (no_plot.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace r1::io {

struct Curve {
  std::string label;         // in the legend; none without it
  std::vector<double> x, y;  // (points); points that are not finite are left out and break the line
};

struct LinePlot {
  enum class Scale { linear, logarithmic };
  std::string title, x_label, y_label;  // UTF-8
  Scale y_scale = Scale::linear;        // the logarithmic one leaves out what is not positive
  std::vector<Curve> curves;
};

/// Is there a library, with its driver, that draws? Without one write_png does nothing.
bool can_plot();

/// Replaces `file` as write_file does. IoError where it cannot be written or drawn (text that is no UTF-8). Takes some 30 ms, a
/// second or more for a million points; calls from several threads wait for each other.
void write_png(const std::filesystem::path& file, const LinePlot& plot);

}  // namespace r1::io
