// Constants: written from the host when they are run, which a plan does once.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

/// Not by deep_copy: of a view, whose layout nvcc 13 and its host compiler do not agree on.
template <class T>
void fill(const Exec& exec, T* to, std::int64_t count, T value) {
  const auto element = KOKKOS_LAMBDA(const std::int64_t k)->void { to[k] = value; };
  Kokkos::parallel_for("r1::ml::constant",
                       Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(exec, 0, count),
                       element);
}

class Constant final : public Kernel {
 public:
  Constant(const Type& type, const Reals& values) : type_(type), values_(values) {}
  void run(const Launch& launch) const override {
    with_type(type_.dtype, [&]<class T>() {
      auto* to = static_cast<T*>(launch.results[0]);
      if (values_.size() == 1)
        return fill(launch.exec, to, type_.shape.elements(), static_cast<T>(values_[0]));
      const auto count = static_cast<std::size_t>(type_.shape.elements());
      const HostView<T*> host("r1::ml::constant", count);
      for (std::size_t k = 0; k < count; ++k) host(k) = static_cast<T>(values_[k]);
      Kokkos::deep_copy(launch.exec, View<T*>(to, count), host);
      launch.exec.fence("the host's copy dies here");
    });
  }

 private:
  Type type_;
  Reals values_;
};

}  // namespace

std::unique_ptr<Kernel> constant_kernel(const KernelRequest& request, const Reals& values) {
  return std::make_unique<Constant>(request.results[0], values);
}

}  // namespace r1::ml
