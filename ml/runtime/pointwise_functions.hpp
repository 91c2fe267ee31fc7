// The functions of pointwise operations, one struct each: the tile machine has an instruction for each of the list at the end.
// T is what the machine computes in: double, float or int64_t. Booleans are 0 and 1 in T.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/vector_math.hpp"

#include <string_view>
#include <type_traits>

namespace r1::ml::pointwise {

/// What a function knows beside its arguments.
struct Immediate {
  double value = 0;
};

struct Add {
  static constexpr std::string_view name = "add";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a + b;
  }
};
struct Mul {
  static constexpr std::string_view name = "mul";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a * b;
  }
};
struct Neg {
  static constexpr std::string_view name = "neg";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return -a;
  }
};
struct Div {
  static constexpr std::string_view name = "div";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) return b == 0 ? 0 : a / b;
    return a / b;
  }
};
/// A NaN in either argument is the result.
struct Max {
  static constexpr std::string_view name = "max";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return b <= a || a != a ? a : b;
  }
};
struct Floor {
  static constexpr std::string_view name = "floor";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (std::is_integral_v<T>)
      return a;
    else
      return Kokkos::floor(a);
  }
};
struct Round {
  static constexpr std::string_view name = "round";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (std::is_integral_v<T>)
      return a;
    else
      return Kokkos::nearbyint(a);
  }
};
struct Cast {
  static constexpr std::string_view name = "cast";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return a;  // loads and stores convert
  }
};
struct Less {
  static constexpr std::string_view name = "less";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a < b ? T(1) : T(0);
  }
};
struct LessEqual {
  static constexpr std::string_view name = "less_equal";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a <= b ? T(1) : T(0);
  }
};
struct Equal {
  static constexpr std::string_view name = "equal";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a == b ? T(1) : T(0);
  }
};
struct LogicalAnd {
  static constexpr std::string_view name = "logical_and";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a * b;
  }
};
struct LogicalOr {
  static constexpr std::string_view name = "logical_or";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, T b) {
    return a < b ? b : a;
  }
};
struct LogicalNot {
  static constexpr std::string_view name = "logical_not";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return T(1) - a;
  }
};
struct Select {
  static constexpr std::string_view name = "select";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T condition, T a, T b) {
    return condition != T(0) ? a : b;
  }
};

/// Those below are for floating types alone.
struct Real {
  static constexpr bool real = true;
};
struct Exp : Real {
  static constexpr std::string_view name = "exp";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return vector_math::exp(a);
    else
      return Kokkos::exp(a);
  }
};
struct Log : Real {
  static constexpr std::string_view name = "log";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return Kokkos::log(a);
  }
};
struct Log1p : Real {
  static constexpr std::string_view name = "log1p";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return Kokkos::log1p(a);
  }
};
struct Sqrt : Real {
  static constexpr std::string_view name = "sqrt";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    return Kokkos::sqrt(a);
  }
};
struct Tanh : Real {
  static constexpr std::string_view name = "tanh";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return vector_math::tanh(a);
    else
      return Kokkos::tanh(a);
  }
};
struct Erf : Real {
  static constexpr std::string_view name = "erf";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return vector_math::erf(a);
    else
      return Kokkos::erf(a);
  }
};
/// x times the normal distribution's integral up to x.
struct Gelu : Real {
  static constexpr std::string_view name = "gelu";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return a * vector_math::normal(a).integral;
    else
      return a * (T(0.5) + T(0.5) * Erf::apply(a * T(0.70710678118654752)));
  }
};
/// Its derivative: that integral, and x times the normal distribution.
struct GeluSlope : Real {
  static constexpr std::string_view name = "gelu_slope";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    constexpr T kDensity = T(0.39894228040143268);  // at 0
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>) {
      const auto [exponential, integral] = vector_math::normal(a);
      return integral + a * kDensity * exponential;
    } else {
      const T density = kDensity * Exp::apply(T(-0.5) * a * a);
      return T(0.5) + T(0.5) * Erf::apply(a * T(0.70710678118654752)) + a * density;
    }
  }
};
struct Sin : Real {
  static constexpr std::string_view name = "sin";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return vector_math::is_near(a) ? vector_math::sin(a) : Kokkos::sin(a);
    else
      return Kokkos::sin(a);
  }
  static bool is_near(float a) { return vector_math::is_near(a); }
  static float apply_near(float a) { return vector_math::sin(a); }
};
struct Cos : Real {
  static constexpr std::string_view name = "cos";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a) {
    if constexpr (kDeviceIsHost && std::is_same_v<T, float>)
      return vector_math::is_near(a) ? vector_math::cos(a) : Kokkos::cos(a);
    else
      return Kokkos::cos(a);
  }
  static bool is_near(float a) { return vector_math::is_near(a); }
  static float apply_near(float a) { return vector_math::cos(a); }
};
struct Pow : Real {
  static constexpr std::string_view name = "pow_const";
  template <class T>
  KOKKOS_INLINE_FUNCTION static T apply(T a, Immediate exponent) {
    return Kokkos::pow(a, static_cast<T>(exponent.value));
  }
};

template <class... F>
struct List {
  static constexpr int size = sizeof...(F);
};
/// The order is that of the instructions' numbers: nothing depends on it.
using Functions =
    List<Add, Cast, Cos, Div, Equal, Erf, Exp, Floor, Gelu, GeluSlope, Less, LessEqual, Log, Log1p,
         LogicalAnd, LogicalNot, LogicalOr, Max, Mul, Neg, Pow, Round, Select, Sin, Sqrt, Tanh>;

}  // namespace r1::ml::pointwise
