// PLplot, as if nothing else used it: the picture goes to memory, so that PLplot opens no file (it would ask on the terminal
// for another name), and its two ways to give up, of which one ends the program, throw. What failed leaves its stream behind;
// each picture has a stream of its own.
// SPDX-License-Identifier: Apache-2.0
#include "io/plot.hpp"

#include "core/error.hpp"
#include "io/write_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <plplot/plplot.h>
#include <span>
#include <string_view>

namespace r1::io {
namespace {

constexpr const char* kDriver = "pngcairo";
constexpr PLINT kWidth = 960, kHeight = 600;  // [pixels]
constexpr double kDotsPerInch = 96;
constexpr double kTextSize = 0.8;  // of PLplot's default
constexpr double kLineWidth = 2;   // [pixels]
constexpr PLINT kDot = 17;         // PLplot's number of a filled circle

// Red, green, blue: the picture's own three; then those of the curves (Okabe and Ito's, which the colour-blind can tell apart,
// less the yellow, which is faint on white). More curves repeat them with other dashes.
constexpr std::array<std::array<PLINT, 3>, 10> kColors{{{255, 255, 255},
                                                        {40, 40, 40},
                                                        {222, 222, 222},
                                                        {0, 114, 178},
                                                        {213, 94, 0},
                                                        {0, 158, 115},
                                                        {204, 121, 167},
                                                        {230, 159, 0},
                                                        {86, 180, 233},
                                                        {0, 0, 0}}};
constexpr PLINT kPaper = 0, kInk = 1, kGrid = 2, kFirstCurve = 3;
constexpr PLINT kCurveColors = static_cast<PLINT>(kColors.size()) - kFirstCurve;
constexpr PLINT kDashes = 8;  // PLplot's own patterns 1 (none) to 8

// Where the axes are, as fractions of the picture; the legend takes room at the right.
constexpr double kBottom = 0.12, kTop = 0.9, kMargin = 0.03, kLeastRight = 0.5;
constexpr double kLegendGap = 0.01, kLegendLine = 0.03;
constexpr std::size_t kLegendRows = 20;
enum class Ink { visible, invisible };

constexpr double kTextHeight = 12.5, kDigitWidth = 11;  // [pixels]
// Between the y axis' numbers and its label, and from there to the edge [text heights].
constexpr double kLabelGap = 1.5, kLabelRoom = 2;

constexpr double kRoom = 0.03;        // beside the data, of their range
constexpr double kLeastRange = 1e-7;  // of the numbers' size
constexpr int kLabelDigits = 9;       // tell labels within the least range apart
constexpr double kMostDecades = 10;   // with a label each
constexpr double kLargest = 1e300;    // differences of larger numbers are none any more

[[noreturn]] void fail(const char* reason) {
  throw IoError(fmt::format("PLplot cannot draw: {}", reason));
}

int fail_instead_of_exit(const char* reason) { fail(reason); }

bool has_driver() {
  plsexit(fail_instead_of_exit);
  plsabort(fail);
  std::array<const char*, 64> menu{}, names{};
  const char** menu_begin = menu.data();
  const char** names_begin = names.data();
  auto count = static_cast<int>(names.size());
  try {
    plgFileDevs(&menu_begin, &names_begin, &count);
  } catch (const IoError&) {  // no folder of drivers
    return false;
  }
  const std::span found(names.data(), static_cast<std::size_t>(std::max(count, 0)));
  return std::any_of(found.begin(), found.end(),
                     [](std::string_view name) { return name == kDriver; });
}

/// PLplot reads # as the start of an escape.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char character : text) escaped.append(character == '#' ? 2 : 1, character);
  return escaped;
}

/// A file in memory, which PLplot closes at the end of a picture.
class Memory {
 public:
  Memory() : file_(::open_memstream(&bytes_, &size_)) {
    if (file_ == nullptr) throw IoError(fmt::format("no memory for a picture: errno {}", errno));
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    // Left open it would write to freed memory at the program's end.
    if (file_ != nullptr) std::fclose(file_);
    std::free(bytes_);
  }

  std::FILE* file() { return file_; }
  void is_closed() { file_ = nullptr; }
  /// Once the file is closed.
  std::string_view bytes() const { return {bytes_, size_}; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// What to draw, in the coordinates of the axes (the logarithm where the axis has that scale).
struct Line {
  std::vector<double> x, y;         // (points)
  std::vector<std::size_t> pieces;  // where unbroken pieces begin, and the end
};

Line line_of(const Curve& curve, LinePlot::Scale scale) {
  R1_ASSERT(curve.x.size() == curve.y.size());
  Line line;
  bool broken = true;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const double x = curve.x[i];
    const double y = scale == LinePlot::Scale::logarithmic ? std::log10(curve.y[i]) : curve.y[i];
    const bool finite = std::abs(x) <= kLargest && std::abs(y) <= kLargest;
    if (finite && broken) line.pieces.push_back(line.x.size());
    if (finite) {
      line.x.push_back(x);
      line.y.push_back(y);
    }
    broken = !finite;
  }
  line.pieces.push_back(line.x.size());
  return line;
}

std::vector<Line> lines_of(const LinePlot& plot) {
  std::vector<Line> lines;
  for (const Curve& curve : plot.curves) lines.push_back(line_of(curve, plot.y_scale));
  return lines;
}

Range range_of(const std::vector<Line>& lines, std::vector<double> Line::*coordinate) {
  Range range;
  for (const Line& line : lines)
    for (const double value : line.*coordinate) range.add(value);
  if (range.low > range.high) return {0, 1};
  return range;
}

/// One of the two axes. PLplot chooses the distance of its ticks where `tick` is 0.
struct Axis {
  LinePlot::Scale scale = LinePlot::Scale::linear;
  Range range;
  double tick = 0;
  std::size_t longest_label = 0;  // [characters] of those that were drawn
};

Axis linear_axis(Range range) {
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  double room = kRoom * (range.high - range.low);
  if (room <= kRoom * kLeastRange * size) room = kRoom * size;
  if (room == 0) room = 1;
  return {LinePlot::Scale::linear, {range.low - room, range.high + room}};
}

/// From decade to decade: others have no labels.
Axis logarithmic_axis(Range range) {
  const double low = std::floor(range.low), high = std::max(std::ceil(range.high), low + 1);
  return {LinePlot::Scale::logarithmic, {low, high}, std::ceil((high - low) / kMostDecades)};
}

Axis axis_of(Range range, LinePlot::Scale scale) {
  return scale == LinePlot::Scale::linear ? linear_axis(range) : logarithmic_axis(range);
}

struct Axes {
  Axis x, y;
};

/// PLplot asks for the text of each label; its own would hold a power of ten apart and drop digits.
void write_label(PLINT which, double value, char* text, PLINT size, void* data) {
  auto& axes = *static_cast<Axes*>(data);
  Axis& axis = which == PL_X_AXIS ? axes.x : axes.y;
  // What rounding leaves of zero.
  if (std::abs(value) < 1e-6 * (axis.range.high - axis.range.low)) value = 0;
  const bool linear = axis.scale == LinePlot::Scale::linear;
  const std::string label =
      linear ? fmt::format("{:.{}g}", value, kLabelDigits) : fmt::format("10#u{:.0f}", value);
  // The escape takes no room, small digits less.
  axis.longest_label = std::max(axis.longest_label, label.size() - (linear ? 0 : 3));
  std::snprintf(text, static_cast<std::size_t>(size), "%s", label.c_str());
}

void set_palette() {
  for (std::size_t i = 0; i < kColors.size(); ++i)
    plscol0(static_cast<PLINT>(i), kColors[i][0], kColors[i][1], kColors[i][2]);
}

PLINT color_of(std::size_t curve) { return kFirstCurve + static_cast<PLINT>(curve) % kCurveColors; }
PLINT dashes_of(std::size_t curve) {
  return 1 + static_cast<PLINT>(curve) / kCurveColors % kDashes;
}

/// The entries of curves that have a label. Returns the legend's width, a fraction of the viewport's.
double draw_legend(const LinePlot& plot, Ink ink) {
  std::vector<std::string> labels;
  std::vector<PLINT> colors, dashes;
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    if (plot.curves[i].label.empty()) continue;
    labels.push_back(plain(plot.curves[i].label));
    colors.push_back(ink == Ink::visible ? color_of(i) : kPaper);
    dashes.push_back(dashes_of(i));
  }
  if (labels.empty()) return 0;
  const std::size_t count = labels.size();
  std::vector<const char*> texts;
  texts.reserve(count);
  for (const std::string& label : labels) texts.push_back(label.c_str());
  const std::vector<PLINT> lines(count, PL_LEGEND_LINE);
  const std::vector<PLINT> text_colors(count, ink == Ink::visible ? kInk : kPaper);
  const std::vector<double> widths(count, kLineWidth);
  const auto columns = static_cast<PLINT>((count - 1) / kLegendRows + 1);
  double width = 0, height = 0;
  pllegend(&width, &height, 0, PL_POSITION_LEFT | PL_POSITION_TOP | PL_POSITION_INSIDE,
           1 + kLegendGap, 0, kLegendLine, kPaper, kInk, 1, 0, columns, static_cast<PLINT>(count),
           lines.data(), 1, kTextSize, 2, 0, text_colors.data(), texts.data(), nullptr, nullptr,
           nullptr, nullptr, colors.data(), dashes.data(), widths.data(), nullptr, nullptr, nullptr,
           nullptr);
  return width;
}

/// Draws the labels of the y axis in white, to know what room they take: the distance of the axis' own label. [text heights]
double room_of_labels(Axes& axes) {
  plvpor(0, 1, kBottom, kTop);
  plwind(axes.x.range.low, axes.x.range.high, axes.y.range.low, axes.y.range.high);
  plcol0(kPaper);
  plbox("", 0, 0, "notv", axes.y.tick, 0);
  return static_cast<double>(axes.y.longest_label) * kDigitWidth / kTextHeight + kLabelGap;
}

void draw_axes(const LinePlot& plot, Axes& axes, double room) {
  plwind(axes.x.range.low, axes.x.range.high, axes.y.range.low, axes.y.range.high);
  plwidth(1);
  plcol0(kGrid);
  plbox("g", 0, 0, "g", axes.y.tick, 0);
  plcol0(kInk);
  plbox("bcnost", 0, 0, axes.y.tick == 1 ? "bclnostv" : "bcnostv", axes.y.tick, 0);
  plmtex("b", 3.2, 0.5, 0.5, plain(plot.x_label).c_str());
  plmtex("l", room, 0.5, 0.5, plain(plot.y_label).c_str());
  plmtex("t", 1.5, 0.5, 0.5, plain(plot.title).c_str());
}

void draw_line(const Line& line, PLINT color, PLINT dashes) {
  plcol0(color);
  plwidth(kLineWidth);
  pllsty(dashes);
  for (std::size_t piece = 0; piece + 1 < line.pieces.size(); ++piece) {
    const std::size_t begin = line.pieces[piece];
    const auto points = static_cast<PLINT>(line.pieces[piece + 1] - begin);
    // A line through a single point would not be seen.
    if (points == 1)
      plpoin(points, &line.x[begin], &line.y[begin], kDot);
    else
      plline(points, &line.x[begin], &line.y[begin]);
  }
  pllsty(1);
}

void draw(const LinePlot& plot) {
  const std::vector<Line> lines = lines_of(plot);
  Axes axes{linear_axis(range_of(lines, &Line::x)),
            axis_of(range_of(lines, &Line::y), plot.y_scale)};
  plslabelfunc(write_label, &axes);
  pladv(0);
  plschr(0, kTextSize);
  const double room = room_of_labels(axes);
  const double left = (room + kLabelRoom) * kTextHeight / kWidth;
  // The legend too is drawn in white first; its width is in the coordinates of the whole picture.
  plvpor(0, 1, 0, 1);
  plwind(0, 1, 0, 1);
  const double legend = draw_legend(plot, Ink::invisible);
  plvpor(left, std::max(1 - kMargin - legend, kLeastRight), kBottom, kTop);
  draw_axes(plot, axes, room);
  for (std::size_t i = 0; i < lines.size(); ++i) draw_line(lines[i], color_of(i), dashes_of(i));
  draw_legend(plot, Ink::visible);
}

}  // namespace

bool can_plot() {
  static const bool can = has_driver();
  return can;
}

void write_png(const std::filesystem::path& file, const LinePlot& plot) {
  if (!can_plot()) return;
  // PLplot has one current stream a process.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  Memory picture;
  PLINT stream = 0;
  plmkstrm(&stream);
  plsdev(kDriver);
  plsfile(picture.file());
  plspage(kDotsPerInch, kDotsPerInch, kWidth, kHeight, 0, 0);
  set_palette();
  plinit();
  draw(plot);
  plend1();
  picture.is_closed();
  write_file(file, picture.bytes());
}

}  // namespace r1::io
