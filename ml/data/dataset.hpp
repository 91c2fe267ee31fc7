// A data set: samples by number, each an input x and a target y of fixed types. Each kind is one file, with its keys of the input
// language.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"
#include "ml/graph/type.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace r1::ml {

/// Which sample is read. Kinds that draw samples at random draw others in each epoch.
struct Pick {
  std::int64_t epoch, index;
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  /// Of an epoch.
  virtual std::int64_t samples() const = 0;
  /// Of one sample, without the axis of the batch.
  virtual const Type& x() const = 0;
  virtual const Type& y() const = 0;
  /// Targets lie in [0, classes()); 0: they are real.
  virtual std::int64_t classes() const = 0;
  /// Writes a sample to x().bytes() and y().bytes(). Called from another thread than the constructor's.
  virtual void read(Pick pick, std::byte* x, std::byte* y) const = 0;
  /// What stands for 1 in x: pixels that come as bytes are shares of 255.
  virtual double x_scale() const { return 1; }
};

/// What samples are for: training draws at random where the kind allows it, anything else takes each sample once.
enum class Purpose : std::uint8_t { training, evaluation };

struct DatasetContext {
  Purpose purpose;
  std::uint64_t seed;
  const Dataset* training = nullptr;  // of evaluation: to agree on classes and vocabulary
};
using DatasetRegistry = io::Registry<Dataset, DatasetContext>;

/// With every kind of the project. Factories record faults of files at the configuration and throw ConfigError.
DatasetRegistry builtin_datasets();

/// The part of `whole` that a hash of the sample's number chooses with probability `share`, and the rest.
enum class Side : std::uint8_t { chosen, rest };
std::unique_ptr<Dataset> split_of(std::shared_ptr<const Dataset> whole, double share, Side side);

// A line for each file.
void add_csv(DatasetRegistry& registry);
void add_idx(DatasetRegistry& registry);
void add_text(DatasetRegistry& registry);

}  // namespace r1::ml
