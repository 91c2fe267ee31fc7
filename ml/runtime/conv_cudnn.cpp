// Convolutions in fp32 and fp64 by cuDNN, on the stream of the run. Where channels lie together the library wants weights alike: they are
// brought into that layout and back in scratch memory.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/runtime/conv_kernels.hpp"
#include "ml/runtime/owned_handle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cudnn.h>
#include <utility>

namespace r1::ml {
namespace {

constexpr std::size_t kMostWorkspace = std::size_t{512} << 20;

void check(cudnnStatus_t status, const char* call) {
  if (status != CUDNN_STATUS_SUCCESS)
    throw Error(fmt::format("cuDNN: {} failed: {}", call, cudnnGetErrorString(status)));
}

/// Made once and never ended: the device may be gone when a process ends.
cudnnHandle_t library() {
  static const cudnnHandle_t handle = [] {
    cudnnHandle_t made = nullptr;
    check(cudnnCreate(&made), "cudnnCreate");
    return made;
  }();
  return handle;
}

using TensorDescription = OwnedHandle<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
using FilterDescription = OwnedHandle<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor>;
using ConvDescription =
    OwnedHandle<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor>;

template <class Owner, class Handle>
Owner made_by(cudnnStatus_t (*create)(Handle*), const char* call) {
  Handle made = nullptr;
  check(create(&made), call);
  return Owner(made);
}

/// What a convolution is to the library, which knows two and three spatial axes.
class Descriptions {
 public:
  Descriptions(const ConvShape& s, Dtype dtype)
      : axes_(std::max(s.axes, 2)),
        type_(dtype == Dtype::f64 ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT),
        format_(s.channels_last ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW) {
    describe(x, s.n, s.c, s.input);
    describe(y, s.n, s.o, s.output);
    w = made_by<FilterDescription>(cudnnCreateFilterDescriptor, "cudnnCreateFilterDescriptor");
    const auto weights = extents(s.o, s.c / s.groups, s.kernel);
    check(cudnnSetFilterNdDescriptor(w.get(), type_, format_, axes_ + 2, weights.data()),
          "cudnnSetFilterNdDescriptor");
    convolution = made_by<ConvDescription>(cudnnCreateConvolutionDescriptor,
                                           "cudnnCreateConvolutionDescriptor");
    check(cudnnSetConvolutionNdDescriptor(convolution.get(), axes_, spatial(s.low).data(),
                                          spatial(s.stride).data(), spatial(s.dilation).data(),
                                          CUDNN_CROSS_CORRELATION, type_),
          "cudnnSetConvolutionNdDescriptor");
    check(cudnnSetConvolutionGroupCount(convolution.get(), static_cast<int>(s.groups)),
          "cudnnSetConvolutionGroupCount");
    // Not in TF32: a convolution has the precision of its type.
    check(cudnnSetConvolutionMathType(convolution.get(), CUDNN_FMA_MATH),
          "cudnnSetConvolutionMathType");
  }

  TensorDescription x, y;
  FilterDescription w;
  ConvDescription convolution;

 private:
  std::vector<int> spatial(const std::int64_t (&values)[3]) const {
    std::vector<int> last;
    for (int d = 3 - axes_; d < 3; ++d) last.push_back(static_cast<int>(values[d]));
    return last;
  }
  std::vector<int> extents(std::int64_t first, std::int64_t second,
                           const std::int64_t (&places)[3]) const {
    std::vector<int> all{static_cast<int>(first), static_cast<int>(second)};
    for (const int extent : spatial(places)) all.push_back(extent);
    return all;
  }
  void describe(TensorDescription& tensor, std::int64_t images, std::int64_t channels,
                const std::int64_t (&places)[3]) const {
    tensor = made_by<TensorDescription>(cudnnCreateTensorDescriptor, "cudnnCreateTensorDescriptor");
    const auto all = extents(images, channels, places);
    check(cudnnSetTensorNdDescriptorEx(tensor.get(), format_, type_, axes_ + 2, all.data()),
          "cudnnSetTensorNdDescriptorEx");
  }
  int axes_;
  cudnnDataType_t type_;
  cudnnTensorFormat_t format_;
};

// The parts of a convolution: of which tensors, by which functions. `kWeights`: which of the two operands and the result is w.
struct Forward {
  using Proposal = cudnnConvolutionFwdAlgoPerf_t;
  static constexpr auto kPropose = cudnnGetConvolutionForwardAlgorithm_v7;
  static constexpr auto kRun = cudnnConvolutionForward;
  static constexpr int kWeights = 1;
  static auto first(const Descriptions& d) { return d.x.get(); }
  static auto second(const Descriptions& d) { return d.w.get(); }
  static auto result(const Descriptions& d) { return d.y.get(); }
};
struct Dgrad {
  using Proposal = cudnnConvolutionBwdDataAlgoPerf_t;
  static constexpr auto kPropose = cudnnGetConvolutionBackwardDataAlgorithm_v7;
  static constexpr auto kRun = cudnnConvolutionBackwardData;
  static constexpr int kWeights = 0;
  static auto first(const Descriptions& d) { return d.w.get(); }
  static auto second(const Descriptions& d) { return d.y.get(); }
  static auto result(const Descriptions& d) { return d.x.get(); }
};
struct Wgrad {
  using Proposal = cudnnConvolutionBwdFilterAlgoPerf_t;
  static constexpr auto kPropose = cudnnGetConvolutionBackwardFilterAlgorithm_v7;
  static constexpr auto kRun = cudnnConvolutionBackwardFilter;
  static constexpr int kWeights = 2;
  static auto first(const Descriptions& d) { return d.x.get(); }
  static auto second(const Descriptions& d) { return d.y.get(); }
  static auto result(const Descriptions& d) { return d.w.get(); }
};

/// Between our layout of the weights, (O, C, places), and (O, places, C).
std::unique_ptr<Kernel> weights_copy(const KernelRequest& request, const Type& weights,
                                     bool channels_to_last) {
  const std::int64_t o = weights.shape[0], c = weights.shape[1],
                     places = weights.shape.elements() / std::max<std::int64_t>(o * c, 1);
  const std::vector<std::int64_t> ours{c * places, places, 1}, theirs{c * places, 1, c};
  StridedCopy copy({o, c, places}, channels_to_last ? theirs : ours);
  copy.from = channels_to_last ? ours : theirs;
  const std::span<const Type> types(&weights, 1);
  return copy_kernel({types, types, request.attributes, request.communicator}, {std::move(copy)});
}

template <class Part>
class CudnnConv final : public Kernel {
 public:
  CudnnConv(const KernelRequest& request, const ConvShape& shape)
      : descriptions_(shape, request.results[0].dtype),
        is_double_(request.results[0].dtype == Dtype::f64) {
    const bool turned = shape.channels_last && shape.c / shape.groups > 1 &&
                        places_of(shape.kernel) > 1;  // else both layouts are the same
    if (turned) {
      const Type& weights = Part::kWeights == 2 ? request.results[0] : request.operands[1];
      copy_ = weights_copy(request, weights, Part::kWeights != 2);
      constexpr std::size_t kAlignment = 256;
      weights_bytes_ = (weights.bytes() + kAlignment - 1) / kAlignment * kAlignment;
    }
  }

  /// Takes the first algorithm that the library's rules propose, not the fastest of some timings, and no sums in the order in which threads
  /// come: the same convolution has the same bits in every run. False: there is none.
  bool choose_algorithm() {
    constexpr int kMost = 16;
    int found = 0;
    typename Part::Proposal proposals[kMost];
    if (Part::kPropose(library(), Part::first(descriptions_), Part::second(descriptions_),
                       descriptions_.convolution.get(), Part::result(descriptions_), kMost, &found,
                       proposals) != CUDNN_STATUS_SUCCESS)
      return false;
    const auto* chosen = std::find_if(proposals, proposals + found, [](const auto& p) {
      return p.status == CUDNN_STATUS_SUCCESS && p.determinism == CUDNN_DETERMINISTIC &&
             p.mathType == CUDNN_FMA_MATH && p.memory <= kMostWorkspace;
    });
    if (chosen == proposals + found) return false;
    proposal_ = *chosen;
    return true;
  }

  std::size_t scratch_bytes() const override { return weights_bytes_ + proposal_.memory; }

  void run(const Launch& launch) const override {
    check(cudnnSetStream(library(), launch.exec.cuda_stream()), "cudnnSetStream");
    // Our operands of dgrad are (y, w), the library's (w, y).
    constexpr bool kSwapped = Part::kWeights == 0;
    const void *first = launch.operands[kSwapped ? 1 : 0],
               *second = launch.operands[kSwapped ? 0 : 1];
    void* result = launch.results[0];
    if (copy_ == nullptr) return convolve(launch, first, second, result);
    void* turned = launch.scratch;
    if (Part::kWeights == 2) {
      convolve(launch, first, second, turned);
      return copy_->run({launch.exec, std::array<const void*, 1>{turned}, launch.results, nullptr});
    }
    copy_->run({launch.exec, std::array<const void*, 1>{launch.operands[1]},
                std::array<void*, 1>{turned}, nullptr});
    convolve(launch, kSwapped ? turned : first, kSwapped ? second : turned, result);
  }

 private:
  void convolve(const Launch& launch, const void* first, const void* second, void* result) const {
    const float one = 1, zero = 0;
    const double one_double = 1, zero_double = 0;
    void* workspace = static_cast<std::byte*>(launch.scratch) + weights_bytes_;
    check(Part::kRun(library(), is_double_ ? static_cast<const void*>(&one_double) : &one,
                     Part::first(descriptions_), first, Part::second(descriptions_), second,
                     descriptions_.convolution.get(), proposal_.algo,
                     proposal_.memory == 0 ? nullptr : workspace, proposal_.memory,
                     is_double_ ? static_cast<const void*>(&zero_double) : &zero,
                     Part::result(descriptions_), result),
          "a convolution");
  }

  Descriptions descriptions_;
  bool is_double_;
  std::unique_ptr<Kernel> copy_;
  std::size_t weights_bytes_ = 0;
  typename Part::Proposal proposal_{};
};

template <class Part>
std::unique_ptr<Kernel> kernel_of(const KernelRequest& request, const ConvShape& shape) {
  auto kernel = std::make_unique<CudnnConv<Part>>(request, shape);
  if (!kernel->choose_algorithm()) return nullptr;
  return kernel;
}

/// The library pads both ends alike: what lies behind the last window does not matter.
bool is_padded_alike(const ConvShape& s) {
  for (int d = 0; d < 3; ++d) {
    const auto window = s.dilation[d] * (s.kernel[d] - 1) + 1;
    const auto free = s.input[d] + 2 * s.low[d] - window;
    if (s.low[d] < 0 || free < 0 || free / s.stride[d] + 1 != s.output[d]) return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Kernel> cudnn_conv_kernel(const KernelRequest& request, ConvPart part) {
  const Dtype dtype = request.results[0].dtype;
  const bool something = request.operands[0].shape.elements() > 0 &&
                         request.operands[1].shape.elements() > 0 &&
                         request.results[0].shape.elements() > 0;
  const ConvShape shape(request, part);
  if (!something || (dtype != Dtype::f32 && dtype != Dtype::f64) || !is_padded_alike(shape))
    return nullptr;
  switch (part) {
    case ConvPart::forward:
      return kernel_of<Forward>(request, shape);
    case ConvPart::dgrad:
      return kernel_of<Dgrad>(request, shape);
    default:
      return kernel_of<Wgrad>(request, shape);
  }
}

}  // namespace r1::ml
