// SPDX-License-Identifier: Apache-2.0
#include "apps/r1train/templates.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

namespace r1::apps {
namespace {

constexpr const char* kConvolutions =
    R"(# yaml-language-server: $schema=r1train.schema.json
# Classes of images from IDX files. Editors check it by the schema: r1train --schema > r1train.schema.json
# Train it: r1train THIS_FILE; look for mistakes: r1train --validate THIS_FILE
r1train: 1                            # version of this language
seed: 1                               # of all random numbers

data:
  train: {idx: {images: train-images-idx3-ubyte.gz, labels: train-labels-idx1-ubyte.gz}}
  validation: {idx: {images: t10k-images-idx3-ubyte.gz, labels: t10k-labels-idx1-ubyte.gz}}
                                      # or `{split: 0.1}`: a tenth of the training data
  transform:
    train: [{normalize: {mean: 0.1307, std: 0.3081}}]
    validation: [{normalize: {mean: 0.1307, std: 0.3081}}]

model:                                # layers, one after the other
  - conv2d: {out_channels: 32, kernel_size: 3}
  - relu
  - conv2d: {out_channels: 64, kernel_size: 3}
  - relu
  - max_pool2d: {kernel_size: 2}
  - dropout: 0.25
  - flatten
  - linear: 128
  - relu
  - dropout: 0.5
  - linear: 10

loss: {cross_entropy: {label_smoothing: 0.0}}
optimizer: {adamw: {weight_decay: 0.01}}
schedule: {cosine_warmup: {warmup_epochs: 1, total_epochs: 10, max_lr: 1e-3, min_lr: 1e-5}}
training:
  epochs: 10
  batch_size: 64                      # samples of an optimizer step
  # accumulate: 4                     # computed in so many parts: less memory
  # gradient_clip: 1.0
  validate_every: 1 epoch
output:
  # directory: results                # default: the name of this file without suffix
  metrics: {every: 100}               # metrics.csv, TensorBoard's event file, loss.png
)";

constexpr const char* kTransformer =
    R"(# yaml-language-server: $schema=r1train.schema.json
# A transformer that learns to go on with a text, character by character.
# Train it: r1train THIS_FILE; look for mistakes: r1train --validate THIS_FILE
r1train: 1                            # version of this language
seed: 1                               # of all random numbers

data:
  train: {text: {file: input.txt, level: character, context: 64, part: [0.0, 0.9]}}
  validation: {text: {file: input.txt, level: character, context: 64, part: [0.9, 1.0]}}

model: {gpt: {layers: 4, heads: 4, d_model: 128, bias: false, dropout: 0.0}}
loss: cross_entropy
optimizer: {adamw: {weight_decay: 0.1, betas: [0.9, 0.99]}}
schedule: {cosine_warmup: {warmup_steps: 100, total_steps: 2000, max_lr: 1e-3, min_lr: 1e-4}}
training:
  steps: 2000
  batch_size: 12                      # windows of 64 characters
  gradient_clip: 1.0
  validate_every: 500 steps
output:
  metrics: {every: 50}
)";

constexpr const char* kTable =
    R"(# yaml-language-server: $schema=r1train.schema.json
# Classes of the rows of a table. For real numbers: `kind: real`, and `loss: mse`.
# Train it: r1train THIS_FILE; look for mistakes: r1train --validate THIS_FILE
r1train: 1                            # version of this language
seed: 1                               # of all random numbers

data:
  train: {csv: {file: table.csv, target: kind}}   # all other columns are features
  validation: {split: 0.2}            # a fifth of the rows

model:
  - linear: 32
  - tanh
  - linear: 3                         # as many as there are classes

loss: cross_entropy
optimizer: adamw
schedule: {constant: 1e-2}
training: {epochs: 50, batch_size: 16}
output:
  metrics: {every: 20}
)";

}  // namespace

std::string train_starter_input(const std::string& name) {
  if (name == "cnn") return kConvolutions;
  if (name == "gpt") return kTransformer;
  if (name == "table") return kTable;
  const auto near = nearest_name(name, {"cnn", "gpt", "table"});
  throw CommandLineError("--template: found '" + shortened(name) + "', expected cnn, gpt or table" +
                         (near ? " (did you mean '" + *near + "'?)" : ""));
}

}  // namespace r1::apps
