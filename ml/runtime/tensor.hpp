// A tensor: a type and device memory, shared by copies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "core/error.hpp"
#include "ml/graph/type.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace r1::ml {

class Tensor {
 public:
  Tensor() = default;
  /// Zeros. `label` names the memory in profiles.
  explicit Tensor(Type type, const std::string& label = "r1::ml::Tensor")
      : type_(std::move(type)), data_(label, type_.bytes()) {}
  /// A copy of host values, as many as the shape has elements; T has the size of the element type.
  template <class T>
  Tensor(Type type, const std::vector<T>& values) : Tensor(std::move(type)) {
    set(values);
  }

  const Type& type() const { return type_; }
  void* data() const { return data_.data(); }

  template <class T>
  void set(const std::vector<T>& values) {
    check<T>();
    set_bytes(std::as_bytes(std::span<const T>(values)));
  }
  /// A copy of as many host bytes as it has.
  void set_bytes(std::span<const std::byte> bytes) {
    R1_ASSERT(bytes.size() == type_.bytes());
    Kokkos::deep_copy(data_, HostBytes(bytes.data(), bytes.size()));
  }
  template <class T>
  std::vector<T> to_host() const {
    check<T>();
    std::vector<T> values(type_.bytes() / sizeof(T));
    Kokkos::deep_copy(Kokkos::View<std::byte*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>(
                          reinterpret_cast<std::byte*>(values.data()), type_.bytes()),
                      data_);
    return values;
  }

 private:
  using HostBytes = Kokkos::View<const std::byte*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>;
  template <class T>
  void check() const {
    static_assert(std::is_trivially_copyable_v<T>);
    R1_ASSERT(sizeof(T) == size_of(type_.dtype));
  }
  Type type_;
  View<std::byte*> data_;
};

}  // namespace r1::ml
