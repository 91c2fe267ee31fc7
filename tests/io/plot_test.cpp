// SPDX-License-Identifier: Apache-2.0
#include "io/plot.hpp"

#include "core/error.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <png.h>
#include <vector>

namespace {

using namespace r1;
using namespace r1::io;
using Color = std::array<std::uint8_t, 3>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Color kWhite{255, 255, 255}, kFirst{0, 114, 178}, kSecond{213, 94, 0}, kInk{40, 40, 40};

/// A thin slanting line covers hardly a pixel as a whole.
bool alike(Color a, Color b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::abs(a[i] - b[i]) > 60) return false;
  return true;
}

struct Picture {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  // (height, width, 3)

  Color at(std::size_t row, std::size_t column) const {
    const std::uint8_t* const pixel = &pixels[3 * (row * width + column)];
    return {pixel[0], pixel[1], pixel[2]};
  }
  /// How many pixels of a column of the picture have the color.
  int count(Color color, std::size_t column) const {
    int found = 0;
    for (std::size_t row = 0; row < height; ++row) found += alike(at(row, column), color) ? 1 : 0;
    return found;
  }
  int count(Color color) const {
    int found = 0;
    for (std::size_t column = 0; column < width; ++column) found += count(color, column);
    return found;
  }
  /// The mean row of the color in a column; not-a-number where it has none.
  double mean_row(Color color, std::size_t column) const {
    double sum = 0;
    for (std::size_t row = 0; row < height; ++row)
      if (alike(at(row, column), color)) sum += static_cast<double>(row);
    return sum / count(color, column);
  }
};

Picture decoded(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGB;
  Picture picture{image.width, image.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  EXPECT_NE(png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr), 0)
      << image.message;
  return picture;
}

class Plot : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_plot()) GTEST_SKIP() << "built without a library that draws";
  }
  Picture drawn(const LinePlot& plot) const {
    write_png(folder_ / "a.png", plot);
    return decoded(test::get(folder_ / "a.png"));
  }

  test::Folder folder_;
};

LinePlot two_curves() {
  LinePlot plot{"Loss", "step", "mean squared error", LinePlot::Scale::linear, {}};
  for (const char* label : {"train", "validation"}) {
    Curve curve{label, {}, {}};
    for (int i = 0; i < 100; ++i) {
      curve.x.push_back(i);
      curve.y.push_back((label[0] == 't' ? 1.0 : 2.0) * std::exp(-0.05 * i));
    }
    plot.curves.push_back(curve);
  }
  return plot;
}

LinePlot unlabelled(std::vector<double> x, std::vector<double> y) {
  return {"", "", "", LinePlot::Scale::linear, {Curve{"", std::move(x), std::move(y)}}};
}

TEST(PlotWithoutALibrary, WritesNothing) {
  if (can_plot()) GTEST_SKIP() << "built with a library that draws";
  const test::Folder folder;
  write_png(folder / "a.png", two_curves());
  EXPECT_FALSE(std::filesystem::exists(folder / "a.png"));
}

TEST_F(Plot, IsAPngWithTheColorOfEachCurveOnWhite) {
  const Picture picture = drawn(two_curves());
  EXPECT_EQ(test::get(folder_ / "a.png").substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(picture.width, 960U);
  EXPECT_EQ(picture.height, 600U);
  EXPECT_EQ(picture.at(0, 0), kWhite);
  EXPECT_GT(picture.count(kFirst), 500);
  EXPECT_GT(picture.count(kSecond), 500);
}

TEST_F(Plot, TitleLabelsAndLegendAreDrawn) {
  const LinePlot whole = two_curves();
  const int white = drawn(whole).count(kWhite);
  LinePlot less = whole;
  less.title.clear();
  EXPECT_GT(drawn(less).count(kWhite), white) << "title";
  less = whole;
  less.x_label.clear();
  EXPECT_GT(drawn(less).count(kWhite), white) << "label of x";
  less = whole;
  less.y_label.clear();
  EXPECT_GT(drawn(less).count(kWhite), white) << "label of y";
  // The legend is to the right of the axes, its text in their color.
  const Picture picture = drawn(whole);
  int text = 0;
  for (std::size_t column = 860; column < picture.width; ++column)
    text += picture.count(kInk, column);
  EXPECT_GT(text, 20) << "legend";
}

TEST_F(Plot, EmptyCurvesAndNoCurvesAreAxesAlone) {
  for (const auto scale : {LinePlot::Scale::linear, LinePlot::Scale::logarithmic}) {
    LinePlot plot{"Nothing", "x", "y", scale, {}};
    EXPECT_EQ(drawn(plot).count(kFirst), 0);
    plot.curves = {Curve{}, Curve{"", {1, 2, kNaN}, {kNaN, kInfinity, 3}}};
    EXPECT_EQ(drawn(plot).count(kFirst), 0);
  }
}

TEST_F(Plot, OnePointIsSeen) {
  EXPECT_GT(drawn(unlabelled({1}, {2})).count(kFirst), 5);
  EXPECT_GT(drawn(unlabelled({0}, {0})).count(kFirst), 5);
  LinePlot plot = unlabelled({-3}, {1e-30});
  plot.y_scale = LinePlot::Scale::logarithmic;
  EXPECT_GT(drawn(plot).count(kFirst), 5);
}

TEST_F(Plot, PointsThatAreNotFiniteBreakTheLine) {
  const std::vector<double> x{0, 1, 2, 3, 4};
  const Picture whole = drawn(unlabelled(x, {1, 1, 1, 1, 1}));
  ASSERT_GT(whole.count(kFirst, 480), 0);
  for (const double y : {kNaN, kInfinity, -kInfinity, 1.7e308}) {
    const Picture broken = drawn(unlabelled(x, {1, 1, y, 1, 1}));
    EXPECT_EQ(broken.count(kFirst, 480), 0) << y;
    EXPECT_GT(broken.count(kFirst, 200), 0) << y;
    EXPECT_GT(broken.count(kFirst, 760), 0) << y;
  }
}

TEST_F(Plot, ExponentialIsAStraightLineOnTheLogarithmicScale) {
  LinePlot plot = unlabelled({}, {});
  for (int i = 0; i <= 200; ++i) {
    plot.curves[0].x.push_back(i);
    plot.curves[0].y.push_back(std::pow(10.0, -3 + 0.02 * i));
  }
  plot.curves[0].x.push_back(300);
  plot.curves[0].y.push_back(0);  // has no logarithm
  plot.y_scale = LinePlot::Scale::logarithmic;
  const Picture picture = drawn(plot);
  const std::size_t left = 200, middle = 500, right = 800;
  const double slope =
      (picture.mean_row(kFirst, right) - picture.mean_row(kFirst, left)) / (right - left);
  EXPECT_LT(slope, -0.3);  // rows count downwards
  const double expected = picture.mean_row(kFirst, left) + slope * (middle - left);
  EXPECT_NEAR(picture.mean_row(kFirst, middle), expected, 1.5);  // a line's width
}

TEST_F(Plot, ExtremeNumbersHaveAxes) {
  constexpr double kTiny = std::numeric_limits<double>::denorm_min();
  const Picture huge = drawn(unlabelled({-1e300, 1e300}, {-1e300, 1e300}));
  EXPECT_GT(huge.count(kFirst), 500);
  EXPECT_EQ(drawn(unlabelled({0, kTiny}, {0, kTiny})).width, 960U);
  EXPECT_EQ(drawn(unlabelled({1e15, 1e15 + 1}, {1, 1 + 1e-15})).width, 960U);
  LinePlot plot = unlabelled({0, 1}, {kTiny, 1.7e308});
  plot.y_scale = LinePlot::Scale::logarithmic;
  EXPECT_GT(drawn(plot).count(kFirst), 500);
}

TEST_F(Plot, TextThatIsNotUtf8IsRefusedAndTheNextPictureIsDrawn) {
  LinePlot plot = unlabelled({0, 1}, {0, 1});
  plot.title = "\xff";
  for (int i = 0; i < 3; ++i) EXPECT_THROW(write_png(folder_ / "b.png", plot), IoError);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b.png"));
  plot.title = "100 % of <b> & #1 \\n";
  EXPECT_GT(drawn(plot).count(kFirst), 500);
}

TEST_F(Plot, ManyPicturesOfOneProcess) {
  // More than PLplot has streams.
  for (int i = 0; i < 110; ++i) write_png(folder_ / "a.png", unlabelled({0, 1}, {0, 1}));
  EXPECT_GT(decoded(test::get(folder_ / "a.png")).count(kFirst), 500);
}

TEST_F(Plot, ReplacesTheFileAndLeavesNoOther) {
  test::put(folder_ / "a.png", "old");
  write_png(folder_ / "a.png", two_curves());
  EXPECT_EQ(decoded(test::get(folder_ / "a.png")).width, 960U);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ / "."))
    ++files;
  EXPECT_EQ(files, 1);
  EXPECT_THROW(write_png(folder_ / "missing" / "a.png", two_curves()), IoError);
}

}  // namespace
