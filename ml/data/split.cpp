// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"
#include "ml/data/dataset.hpp"

namespace r1::ml {
namespace {

/// The same samples whatever the seed of the run: what a model has seen must not change with it.
constexpr std::uint64_t kSplitSeed = 0x73706c6974;

class Part final : public Dataset {
 public:
  Part(std::shared_ptr<const Dataset> whole, double share, Side side) : whole_(std::move(whole)) {
    const TensorRandom random(kSplitSeed, 0);
    for (std::int64_t k = 0; k < whole_->samples(); ++k) {
      const auto bits = random.block(static_cast<std::uint64_t>(k), 0, 0);
      const bool chosen = unit_interval(bits[0], bits[1]) < share;
      if (chosen == (side == Side::chosen)) indices_.push_back(k);
    }
  }
  std::int64_t samples() const override { return static_cast<std::int64_t>(indices_.size()); }
  const Type& x() const override { return whole_->x(); }
  const Type& y() const override { return whole_->y(); }
  std::int64_t classes() const override { return whole_->classes(); }
  double x_scale() const override { return whole_->x_scale(); }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    whole_->read({pick.epoch, indices_[static_cast<std::size_t>(pick.index)]}, x, y);
  }

 private:
  std::shared_ptr<const Dataset> whole_;
  std::vector<std::int64_t> indices_;
};

}  // namespace

std::unique_ptr<Dataset> split_of(std::shared_ptr<const Dataset> whole, double share, Side side) {
  return std::make_unique<Part>(std::move(whole), share, side);
}

}  // namespace r1::ml
