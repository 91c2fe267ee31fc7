// From a checked input to everything that a trainer needs.
// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"
#include "ml/graph/shape_error.hpp"

#include <fmt/format.h>

namespace r1::ml {
namespace {

TrainingData data_of(const io::Config& data, const TrainRegistries& all, std::uint64_t seed) {
  TrainingData result;
  result.training = all.datasets.make(data["train"], {Purpose::training, seed});
  const auto evaluated = [&](const char* key) -> std::shared_ptr<const Dataset> {
    if (!data.has(key)) return nullptr;
    return all.datasets.make(data[key], {Purpose::evaluation, seed, result.training.get()});
  };
  result.test = evaluated("test");
  const bool split = data.has("validation") && data["validation"].kind() == "split";
  if (!split) {
    result.validation = evaluated("validation");
    return result;
  }
  if (data["train"].kind() == "text")
    data["validation"].fail("windows of a text overlap: give 'text' with another 'part'");
  const double share = data["validation"].options()["share"].real();
  const std::shared_ptr<const Dataset> whole = std::move(result.training);
  result.validation = split_of(whole, share, Side::chosen);
  result.training = split_of(whole, share, Side::rest);
  if (result.validation->samples() == 0 || result.training->samples() == 0)
    data["validation"].fail("the training data are too few to be split");
  return result;
}

void check_alike(const io::Config& data, const char* key, const Dataset* other,
                 const Dataset& training) {
  if (other == nullptr) return;
  const bool same =
      other->x().shape == training.x().shape && other->x().dtype == training.x().dtype &&
      other->y().shape == training.y().shape && other->y().dtype == training.y().dtype;
  if (!same)
    data[key].fault(fmt::format("its samples are {} and {}, those of 'train' {} and {}",
                                other->x().text(), other->y().text(), training.x().text(),
                                training.y().text()));
  if (other->classes() > training.classes())
    data[key].fault(
        fmt::format("it has {} classes, 'train' only {}", other->classes(), training.classes()));
}

Transforms transforms_of(const io::Config& list, const TransformRegistry& registry) {
  Transforms made;
  for (const auto& item : list.items()) made.push_back(registry.make(item, {}));
  return made;
}

std::shared_ptr<const Layer> model_of(const io::Config& model, const TrainRegistries& all,
                                      const Dataset& data) {
  if (model.alternative() == 1) return all.models.make(model, {data.classes()});
  std::vector<Sequence::Member> members;
  for (const auto& item : model.items())
    members.push_back({item.kind(), all.layers.make(item, {}), item});
  return std::make_shared<Sequence>(std::move(members));
}

/// Traces the model, so that what does not fit is said with its place.
void check_shapes(const io::Config& root, const Recipe& recipe, const Dataset& data) {
  try {
    const auto prediction = prediction_of(recipe);
    if (!recipe.loss->wants_classes()) return;
    const auto outputs = prediction.shape[prediction.shape.rank() - 1];
    if (outputs < data.classes())
      root["model"].fault(
          fmt::format("the model gives {} for each sample, and the data have {} "
                      "classes",
                      prediction.text(), data.classes()));
  } catch (const ShapeError& error) {
    root["model"].fail(error.what());
  }
}

}  // namespace

TrainingJob make_training_job(const io::Config& root, const TrainRegistries& all) {
  TrainingJob job;
  job.settings = read_train_settings(root);
  root.document()->check();
  const auto data = root["data"];
  job.data = data_of(data, all, job.settings.seed);
  const auto& training = *job.data.training;
  check_alike(data, "validation", job.data.validation.get(), training);
  check_alike(data, "test", job.data.test.get(), training);
  auto& r = job.recipe;
  r.loss = all.losses.make(root["loss"], {});
  if (r.loss->wants_classes() && training.classes() == 0)
    root["loss"].fail("the targets are real numbers, not classes; use mse");
  if (!r.loss->wants_classes() && training.classes() > 0)
    root["loss"].fail("the targets are classes, not real numbers; use cross_entropy");
  r.model = model_of(root["model"], all, training);
  r.optimizer = all.optimizers.make(root["optimizer"], {});
  r.training_transforms = transforms_of(data["transform"]["train"], all.transforms);
  r.evaluation_transforms = transforms_of(data["transform"]["validation"], all.transforms);
  r.x = training.x();
  r.y = training.y();
  r.x_scale = training.x_scale();
  r.gradient_clip = job.settings.gradient_clip;
  const auto batch = job.settings.batch_size;
  if (job.settings.last_batch == LastBatch::dropped && batch > training.samples())
    root["training"]["batch_size"].fail(fmt::format(
        "there are only {} samples, and 'drop_last' leaves nothing of them", training.samples()));
  const BatchOrder order(training.samples(), batch, Shuffle::no, job.settings.last_batch, 0);
  job.schedule = all.schedules.make(root["schedule"], {order.steps_per_epoch()});
  check_shapes(root, r, training);
  root.document()->check();
  return job;
}

}  // namespace r1::ml
