// Images and labels from two IDX files (ml/data/idx.hpp). Images (N, H, W) get a channel, (N, C, H, W) are taken as they are, and rows
// (N, F) too; labels are (N).
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/dataset.hpp"
#include "ml/data/idx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace r1::ml {
namespace {

constexpr double kMostClasses = 1 << 24;

class IdxDataset final : public Dataset {
 public:
  IdxDataset(IdxArray images, const IdxArray& labels) : images_(std::move(images)) {
    auto extents = images_.extents;
    extents.erase(extents.begin());
    if (extents.size() == 2) extents.insert(extents.begin(), 1);
    const bool bytes = images_.element == IdxArray::Element::u8;
    x_ = {bytes ? Dtype::u8 : Dtype::f32, Shape(extents)};
    for (std::int64_t k = 0; k < labels.elements(); ++k) {
      labels_.push_back(static_cast<std::int32_t>(labels.value(k)));
      classes_ = std::max<std::int64_t>(classes_, labels_.back() + 1);
    }
  }
  std::int64_t samples() const override { return images_.extents[0]; }
  const Type& x() const override { return x_; }
  const Type& y() const override { return y_; }
  std::int64_t classes() const override { return classes_; }
  double x_scale() const override { return x_.dtype == Dtype::u8 ? 255 : 1; }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    const auto elements = x_.shape.elements();
    if (x_.dtype == Dtype::u8) {
      std::memcpy(x, images_.data.data() + pick.index * elements,
                  static_cast<std::size_t>(elements));
    } else {
      for (std::int64_t k = 0; k < elements; ++k) {
        const auto value = static_cast<float>(images_.value(pick.index * elements + k));
        std::memcpy(x + static_cast<std::size_t>(k) * sizeof value, &value, sizeof value);
      }
    }
    std::memcpy(y, &labels_[static_cast<std::size_t>(pick.index)], sizeof(std::int32_t));
  }

 private:
  IdxArray images_;
  std::vector<std::int32_t> labels_;
  Type x_, y_{Dtype::i32, {}};
  std::int64_t classes_ = 0;
};

IdxArray read_at(const io::Config& place) {
  try {
    return read_idx(place.path());
  } catch (const ConfigError& error) {
    place.fail(error);
  }
}

void check(const io::Config& options, const IdxArray& images, const IdxArray& labels) {
  const auto image_axes = images.extents.size();
  if (image_axes < 2 || image_axes > 4)
    options["images"].fail(
        fmt::format("it has {} axes, expected images (N, H, W) or (N, C, H, W), "
                    "or rows (N, F)",
                    image_axes));
  if (labels.extents.size() != 1)
    options["labels"].fail(
        fmt::format("it has {} axes, expected one label for each image", labels.extents.size()));
  if (images.extents[0] != labels.extents[0])
    options["labels"].fail(fmt::format("it has {} labels, and there are {} images",
                                       labels.extents[0], images.extents[0]));
  if (images.elements() == 0) options["images"].fail("it holds no images");
  for (std::int64_t k = 0; k < labels.elements(); ++k)
    if (const double label = labels.value(k);
        !(label >= 0 && label < kMostClasses && label == std::floor(label)))
      options["labels"].fail(
          fmt::format("label {} is {}, expected a whole number from 0", k, label));
}

}  // namespace

void add_idx(DatasetRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("images", path(), "IDX file of images; it may be compressed (.gz).").required_(),
      Key("labels", path(), "IDX file of labels.").required_(),
  });
  registry.add("idx", "Images and labels from IDX files, as MNIST's.", options,
               [](const Config& c, const DatasetContext&) {
                 auto images = read_at(c["images"]);
                 const auto labels = read_at(c["labels"]);
                 check(c, images, labels);
                 return std::make_unique<IdxDataset>(std::move(images), labels);
               });
}

}  // namespace r1::ml
