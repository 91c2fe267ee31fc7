// Convolutions in fp32 by oneDNN. The library chooses the layouts in which it computes; tensors are brought into them and back in
// scratch memory.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"
#include "ml/runtime/dnnl.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace r1::ml {
namespace {

using Dims = std::vector<dnnl_dim_t>;

Dims spatial(const std::int64_t (&values)[3], int axes, std::int64_t less = 0) {
  Dims dims;
  for (int d = 3 - axes; d < 3; ++d) dims.push_back(values[d] - less);
  return dims;
}

dnnl_memory_desc_t contiguous(const Dims& extents) {
  Dims strides(extents.size());
  dnnl_dim_t stride = 1;
  for (std::size_t k = extents.size(); k-- > 0; stride *= extents[k]) strides[k] = stride;
  return dnnl::strided(extents, strides);
}

/// Of dims (N, C, S...), where channels lie together.
dnnl_memory_desc_t channels_last(const Dims& extents) {
  Dims strides(extents.size());
  dnnl_dim_t stride = extents[1];
  for (std::size_t k = extents.size(); k-- > 2; stride *= extents[k]) strides[k] = stride;
  strides[0] = stride;
  strides[1] = 1;
  return dnnl::strided(extents, strides);
}

dnnl_memory_desc_t any_layout(const dnnl_memory_desc_t& like) {
  dnnl_memory_desc_t description;
  dnnl::check(dnnl_memory_desc_init_by_tag(&description, like.ndims, like.dims, dnnl_f32,
                                           dnnl_format_tag_any),
              "memory_desc_init_by_tag");
  return description;
}

/// x, w, y in our layout.
std::array<dnnl_memory_desc_t, 3> ours(const ConvShape& s) {
  Dims x{s.n, s.c}, y{s.n, s.o}, w{s.o / s.groups, s.c / s.groups};
  if (s.groups > 1) w.insert(w.begin(), s.groups);
  for (const auto extent : spatial(s.input, s.axes)) x.push_back(extent);
  for (const auto extent : spatial(s.output, s.axes)) y.push_back(extent);
  for (const auto extent : spatial(s.kernel, s.axes)) w.push_back(extent);
  if (s.channels_last) return {channels_last(x), contiguous(w), channels_last(y)};
  return {contiguous(x), contiguous(w), contiguous(y)};
}

/// In which layout the library takes a tensor: images with channels last as they are, others as it likes.
dnnl_memory_desc_t wanted(const ConvShape& s, const dnnl_memory_desc_t& image) {
  return s.channels_last ? image : any_layout(image);
}

dnnl::PrimitiveDesc describe(const ConvShape& s, ConvPart part, const dnnl_memory_desc_t& x,
                             const dnnl_memory_desc_t& w, const dnnl_memory_desc_t& y,
                             const dnnl_primitive_desc* forward) {
  const auto strides = spatial(s.stride, s.axes), dilation = spatial(s.dilation, s.axes, 1),
             low = spatial(s.low, s.axes), high = spatial(s.high, s.axes);
  dnnl_convolution_desc_t operation;
  const auto direct = dnnl_convolution_direct;
  switch (part) {
    case ConvPart::forward:
      dnnl::check(dnnl_dilated_convolution_forward_desc_init(
                      &operation, dnnl_forward_training, direct, &x, &w, nullptr, &y,
                      strides.data(), dilation.data(), low.data(), high.data()),
                  "convolution_forward_desc_init");
      break;
    case ConvPart::dgrad:
      dnnl::check(dnnl_dilated_convolution_backward_data_desc_init(&operation, direct, &x, &w, &y,
                                                                   strides.data(), dilation.data(),
                                                                   low.data(), high.data()),
                  "convolution_backward_data_desc_init");
      break;
    case ConvPart::wgrad:
      dnnl::check(dnnl_dilated_convolution_backward_weights_desc_init(
                      &operation, direct, &x, &w, nullptr, &y, strides.data(), dilation.data(),
                      low.data(), high.data()),
                  "convolution_backward_weights_desc_init");
      break;
  }
  const auto attributes = dnnl::user_scratch();
  dnnl_primitive_desc_t made = nullptr;
  dnnl::check(
      dnnl_primitive_desc_create(&made, &operation, attributes.get(), dnnl::engine(), forward),
      "primitive_desc_create");
  return dnnl::PrimitiveDesc(made);
}

/// Between our layout of a tensor and the library's, where they differ.
class Reorder {
 public:
  Reorder(const dnnl_memory_desc_t& from, const dnnl_memory_desc_t& to) {
    if (dnnl_memory_desc_equal(&from, &to) != 0) return;
    const auto attributes = dnnl::user_scratch();
    dnnl_primitive_desc_t made = nullptr;
    dnnl::check(dnnl_reorder_primitive_desc_create(&made, &from, dnnl::engine(), &to,
                                                   dnnl::engine(), attributes.get()),
                "reorder_primitive_desc_create");
    execution_.emplace(dnnl::PrimitiveDesc(made), std::vector<std::pair<int, dnnl_memory_desc_t>>{
                                                      {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  }
  bool needed() const { return execution_.has_value(); }
  std::size_t scratch_bytes() const { return needed() ? execution_->scratch_bytes() : 0; }
  void run(const void* from, void* to, void* scratch) const {
    execution_->run({from, to}, scratch);
  }

 private:
  std::optional<dnnl::Execution> execution_;
};

class DnnlConv final : public Kernel {
 public:
  DnnlConv(const ConvShape& s, ConvPart part) {
    const auto plain = ours(s);
    const auto x = wanted(s, plain[0]), w = any_layout(plain[1]), y = wanted(s, plain[2]);
    const auto forward = describe(s, ConvPart::forward, x, w, y, nullptr);
    auto description = part == ConvPart::forward ? describe(s, part, x, w, y, nullptr)
                                                 : describe(s, part, x, w, y, forward.get());
    const auto layout = [&](dnnl_query_t query) {
      return *dnnl_primitive_desc_query_md(description.get(), query, 0);
    };
    const std::array<Tensor, 3> tensors = [&]() -> std::array<Tensor, 3> {
      switch (part) {
        case ConvPart::forward:
          return {{{DNNL_ARG_SRC, plain[0], layout(dnnl_query_src_md)},
                   {DNNL_ARG_WEIGHTS, plain[1], layout(dnnl_query_weights_md)},
                   {DNNL_ARG_DST, plain[2], layout(dnnl_query_dst_md)}}};
        case ConvPart::dgrad:
          return {{{DNNL_ARG_DIFF_DST, plain[2], layout(dnnl_query_diff_dst_md)},
                   {DNNL_ARG_WEIGHTS, plain[1], layout(dnnl_query_weights_md)},
                   {DNNL_ARG_DIFF_SRC, plain[0], layout(dnnl_query_diff_src_md)}}};
        default:
          return {{{DNNL_ARG_SRC, plain[0], layout(dnnl_query_src_md)},
                   {DNNL_ARG_DIFF_DST, plain[2], layout(dnnl_query_diff_dst_md)},
                   {DNNL_ARG_DIFF_WEIGHTS, plain[1], layout(dnnl_query_diff_weights_md)}}};
      }
    }();
    prepare(std::move(description), tensors);
  }

  std::size_t scratch_bytes() const override { return bytes_; }

  void run(const Launch& launch) const override {
    launch.exec.fence("the library's threads are not the stream's");
    auto* scratch = static_cast<std::byte*>(launch.scratch);
    std::array<const void*, 3> at{launch.operands[0], launch.operands[1], launch.results[0]};
    for (std::size_t k = 0; k < 3; ++k) {
      if (!reorders_[k]->needed()) continue;
      if (k < 2) reorders_[k]->run(at[k], scratch + offsets_[k], scratch + offsets_[3]);
      at[k] = scratch + offsets_[k];
    }
    convolution_.run({at[0], at[1], at[2]}, scratch + offsets_[3]);
    if (reorders_[2]->needed()) reorders_[2]->run(at[2], launch.results[0], scratch + offsets_[3]);
  }

 private:
  struct Tensor {
    int argument;
    dnnl_memory_desc_t ours, theirs;
  };

  /// Scratch: our tensors in the library's layout, then what it needs itself, which primitives use one after the other.
  void prepare(dnnl::PrimitiveDesc description, const std::array<Tensor, 3>& tensors) {
    constexpr std::size_t kAlignment = 256;
    std::size_t most = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto& t = tensors[k];
      reorders_[k] = k < 2 ? std::make_unique<Reorder>(t.ours, t.theirs)
                           : std::make_unique<Reorder>(t.theirs, t.ours);
      offsets_[k] = bytes_;
      if (reorders_[k]->needed()) bytes_ += dnnl_memory_desc_get_size(&t.theirs);
      bytes_ = (bytes_ + kAlignment - 1) / kAlignment * kAlignment;
      most = std::max(most, reorders_[k]->scratch_bytes());
    }
    convolution_ =
        dnnl::Execution(std::move(description), {{tensors[0].argument, tensors[0].theirs},
                                                 {tensors[1].argument, tensors[1].theirs},
                                                 {tensors[2].argument, tensors[2].theirs}});
    offsets_[3] = bytes_;
    bytes_ += std::max(most, convolution_.scratch_bytes());
  }

  dnnl::Execution convolution_;
  std::array<std::unique_ptr<Reorder>, 3> reorders_;
  std::array<std::size_t, 4> offsets_{};
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> dnnl_conv_kernel(const ConvShape& shape, ConvPart part) {
  return std::make_unique<DnnlConv>(shape, part);
}

}  // namespace r1::ml
