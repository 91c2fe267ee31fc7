// Tiles of ml/runtime/winograd.hpp, some channels side by side, and their products.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/rows.hpp"
#include "ml/runtime/tile_product.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace r1::ml::winograd {

inline constexpr int kTile = 4, kOut = 2,
                     kTaps = 3;  // extents of a tile, of what comes out of it, and of the kernel
inline constexpr int kPoints = kTile * kTile;  // elements of a transformed tile
inline constexpr int kLanes = 16;              // channels side by side
/// Between matrices of points: as many multiples of large powers of two would meet in few sets of a cache.
constexpr std::int64_t apart(std::int64_t elements) { return elements + kLanes; }

/// f(0), f(1), ... f(n - 1) with numbers known to the compiler, so that small arrays become registers.
template <int n, class F>
void unrolled(const F& f) {
  [&]<int... k>(std::integer_sequence<int, k...>) { (f(std::integral_constant<int, k>()), ...); }
  (std::make_integer_sequence<int, n>());
}

/// Where the elements of a square are, kLanes channels each.
template <int extent, class T>
struct Places {
  T* at[extent * extent];
};

/// Channels that one instruction works on; compilers split or join such vectors for other processors.
using Vector = float __attribute__((vector_size(32)));
inline constexpr int kVector = sizeof(Vector) / sizeof(float);

/// to = M from M^T for the matrix M (outs, ins) that `transform`(in, out) multiplies a column by.
template <int outs, int ins, class Transform>
void on_both_sides(const Places<ins, const float>& from, const Places<outs, float>& to,
                   const Transform& transform) {
  for (int lane = 0; lane < kLanes; lane += kVector) {
    Vector half[outs][ins];
    unrolled<ins>([&](auto j) {
      Vector in[ins], out[outs];
      unrolled<ins>(
          [&](auto i) { std::memcpy(&in[i], from.at[i * ins + j] + lane, sizeof in[i]); });
      transform(in, out);
      unrolled<outs>([&](auto i) { half[i][j] = out[i]; });
    });
    unrolled<outs>([&](auto i) {
      Vector out[outs];
      transform(half[i], out);
      unrolled<outs>(
          [&](auto j) { std::memcpy(to.at[i * outs + j] + lane, &out[j], sizeof out[j]); });
    });
  }
}

/// B^T
struct OfInput {
  void operator()(const Vector (&in)[4], Vector (&out)[4]) const {
    out[0] = in[0] - in[2];
    out[1] = in[1] + in[2];
    out[2] = in[2] - in[1];
    out[3] = in[1] - in[3];
  }
};
/// G
struct OfKernel {
  void operator()(const Vector (&in)[3], Vector (&out)[4]) const {
    const Vector even = 0.5F * (in[0] + in[2]), odd = 0.5F * in[1];
    out[0] = in[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = in[2];
  }
};
/// A^T
struct OfOutput {
  void operator()(const Vector (&in)[4], Vector (&out)[2]) const {
    out[0] = in[0] + in[1] + in[2];
    out[1] = in[1] - in[2] - in[3];
  }
};
/// A
struct OfSlope {
  void operator()(const Vector (&in)[2], Vector (&out)[4]) const {
    out[0] = in[0];
    out[1] = in[0] + in[1];
    out[2] = in[0] - in[1];
    out[3] = -in[1];
  }
};
/// G^T
struct ToKernel {
  void operator()(const Vector (&in)[4], Vector (&out)[3]) const {
    const Vector even = 0.5F * (in[1] + in[2]);
    out[0] = in[0] + even;
    out[1] = 0.5F * (in[1] - in[2]);
    out[2] = even + in[3];
  }
};

/// An image (N, height, width, channels), cut into tiles.
struct Image {
  std::int64_t height, width, channels;
  std::int64_t low[2];  // the first tile begins so many rows and columns before the image
  std::int64_t tiles_down, tiles_across;

  /// The tile's first element; may lie outside the image.
  struct Corner {
    std::int64_t image, row, column;
  };
  Corner corner(std::int64_t tile) const {
    const std::int64_t across = tile % tiles_across, down = tile / tiles_across % tiles_down;
    return {tile / tiles_across / tiles_down, kOut * down - low[0], kOut * across - low[1]};
  }
  bool inside(std::int64_t row, std::int64_t column) const {
    return row >= 0 && row < height && column >= 0 && column < width;
  }
  std::int64_t offset(const Corner& c, std::int64_t row, std::int64_t column) const {
    return ((c.image * height + row) * width + column) * channels;
  }
  /// Elements from the corner on, channels from `channel` on; what is outside the image is at `outside`.
  template <int extent, class T>
  Places<extent, T> places(T* image, const Corner& c, std::int64_t channel, T* outside) const {
    Places<extent, T> places;
    for (int i = 0; i < extent; ++i)
      for (int j = 0; j < extent; ++j) {
        const std::int64_t row = c.row + i, column = c.column + j;
        places.at[i * extent + j] =
            inside(row, column) ? image + offset(c, row, column) + channel : outside;
      }
    return places;
  }
};

/// Elements of a square `step` apart.
template <int extent, class T>
Places<extent, T> places_at(T* first, std::int64_t step) {
  Places<extent, T> places;
  for (int k = 0; k < extent * extent; ++k) places.at[k] = first + k * step;
  return places;
}

}  // namespace r1::ml::winograd
