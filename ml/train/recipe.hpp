// What a model is trained with, and the graphs that follow from it: a step, its two halves where gradients are accumulated over parts
// of a batch, and evaluation. All of them work on one state: the names below are those of its tensors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/data/transform.hpp"
#include "ml/layers/layer.hpp"
#include "ml/layers/parameter_layout.hpp"
#include "ml/losses/loss.hpp"
#include "ml/optim/optimizer.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace r1::ml {

using Transforms = std::vector<std::shared_ptr<const Transform>>;

struct Recipe {
  std::shared_ptr<const Layer> model;
  std::shared_ptr<const Loss> loss;
  std::shared_ptr<const Optimizer> optimizer;
  Transforms training_transforms, evaluation_transforms;
  Type x, y;  // of one sample
  double x_scale = 1;
  std::optional<double> gradient_clip;  // largest norm of all gradients together
};

/// The parameters of the model, found by tracing it once as evaluation does. Throws ShapeError where it does not fit to data or loss, and
/// ConfigError where the place in the input is known.
ParameterLayout layout_of(const Recipe& recipe);
/// The same, and what the model gives for a batch of one.
Type prediction_of(const Recipe& recipe);
/// What the model keeps beside its parameters.
std::vector<ModelState> states_of(const Recipe& recipe);
/// Throws the same where the model cannot be trained on `samples` samples at once.
void check_training(const Recipe& recipe, std::int64_t samples);

/// Inputs of a graph, given anew for each call.
namespace input_name {
inline constexpr const char* kX = "x";              // (N, ...)
inline constexpr const char* kY = "y";              // (N, ...)
inline constexpr const char* kSamples = "samples";  // i64 (N)
inline constexpr const char* kSeed = "seed";        // i64 ()
inline constexpr const char* kStep = "step";        // i64 ()
inline constexpr const char* kRate = "rate";        // f32 (): learning rate
inline constexpr const char* kShare = "share";      // f32 (): 1 / samples of the whole step
}  // namespace input_name

/// State beside parameters and what the optimizer keeps.
namespace state_name {
inline constexpr const char* kLoss =
    "metrics.loss";  // f32 (): sum over the steps since it was read
inline constexpr const char* kFirstBad =
    "watch.first_bad_step";                                 // i64 (): -1, or a step whose loss
                                                            // or gradients are not finite
inline constexpr const char* kSumLoss = "evaluation.loss";  // f64 (): sums over samples
inline constexpr const char* kSumAccuracy = "evaluation.accuracy";  // f64 ()
/// What the parts of a step make of the model's states, until it is known to be a good one: prefix of their names.
inline constexpr const char* kAccumulated = "accumulated.";
}  // namespace state_name

/// Forward, backward and update, of `samples` samples. From a bad step on, nothing is updated any more.
Graph step_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples);
/// Forward and backward: adds to the gradients. The model's states are the accumulated ones.
Graph accumulation_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples);
/// The update, from accumulated gradients, which are zero afterwards, and states.
Graph update_graph(const Recipe& recipe, const ParameterLayout& layout);
/// Adds loss and accuracy of `samples` samples to the sums.
Graph evaluation_graph(const Recipe& recipe, const ParameterLayout& layout, std::int64_t samples);

}  // namespace r1::ml
