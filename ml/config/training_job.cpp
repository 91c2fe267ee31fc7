// From a checked input to everything that a trainer needs.
// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"
#include "ml/graph/shape_error.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    data["validation"].fail(fmt::format("{} samples are too few to be split", whole->samples()));
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

/// A transform with its place in the input, where it is a fault if it does not fit.
class PlacedTransform final : public Transform {
 public:
  PlacedTransform(std::unique_ptr<Transform> transform, io::Config where)
      : transform_(std::move(transform)), where_(std::move(where)) {}
  Value apply(const Value& x) const override {
    try {
      return transform_->apply(x);
    } catch (const ShapeError& error) {
      where_.fail(error.what());
    }
  }

 private:
  std::unique_ptr<Transform> transform_;
  io::Config where_;
};

Transforms transforms_of(const io::Config& list, const TransformRegistry& registry) {
  Transforms made;
  for (const auto& item : list.items())
    made.push_back(std::make_unique<PlacedTransform>(registry.make(item, {}), item));
  return made;
}

std::shared_ptr<const Layer> model_of(const io::Config& model, const TrainRegistries& all,
                                      const Dataset& data) {
  if (model.alternative() == 1) return all.models.make(model, {data.classes()});
  const LayerContext context{data.x().dtype == Dtype::i32 ? data.classes() : 0};
  std::vector<Sequence::Member> members;
  for (const auto& item : model.items())
    members.push_back({item.kind(), all.layers.make(item, context), item});
  return std::make_shared<Sequence>(std::move(members));
}

/// Samples of the last of the parts that a step of `samples` samples has.
std::int64_t last_part(std::int64_t samples, const TrainSettings& settings) {
  const auto part = (settings.batch_size + settings.parts - 1) / settings.parts;
  return (samples - 1) % part + 1;
}

/// Traces the model as training and evaluation do, so that what does not fit is said with its place: what comes out of the
/// model, with that of its last layer. `order` is that of training.
void check_shapes(const io::Config& model, const Recipe& recipe, const Dataset& data,
                  const TrainSettings& settings, const BatchOrder& order) {
  const auto last = model.alternative() == 1 ? model : model.items().back();
  try {
    const auto prediction = prediction_of(recipe);
    evaluation_graph(recipe, layout_of(recipe), 1);
    const auto steps = settings.length.in_steps(order.steps_per_epoch());
    for (const auto step : {std::int64_t{0}, std::min(steps, order.steps_per_epoch()) - 1})
      check_training(recipe, last_part(order.size_of(step), settings));
    if (!recipe.loss->wants_classes()) return;
    const auto outputs = prediction.shape[prediction.shape.rank() - 1];
    if (outputs < data.classes())
      last.fault(fmt::format("the model gives {}, logits of {} classes, and the data have {}",
                             prediction.text(), outputs, data.classes()));
  } catch (const ShapeError& error) {
    last.fail(error.what());
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
  const auto faults = root.document()->faults();
  r.model = model_of(root["model"], all, training);
  const bool sound = root.document()->faults() == faults;
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
  if (sound) check_shapes(root["model"], r, training, job.settings, order);
  root.document()->check();
  return job;
}

}  // namespace r1::ml
