// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"

namespace r1::ml {
namespace {

using namespace io;

constexpr double kMostSteps = 0x1p40;
constexpr double kMostBatch = 1 << 24;
const std::vector<std::string> kLaterData{"images", "hdf5"};
constexpr const char* kLaterDataFeature = "this kind of data";

/// The kinds of data, and a share of the training data.
Schema held_out(const DatasetRegistry& datasets) {
  std::vector<ChoiceKind> kinds;
  for (const auto& e : datasets.entries()) kinds.push_back({e.name, e.sentence, e.options});
  kinds.push_back(
      {"split", "A share of the training data, which is then not trained on.",
       mapping({Key("share", real().above(0).max(0.9), "How large.").required_()}, "share")});
  return choice(std::move(kinds));
}

Schema data(const TrainRegistries& all) {
  const Schema transforms = list(all.transforms.schema());
  const Schema transform = mapping({
      Key("train", transforms, "Of samples that are trained on.").or_("[]"),
      Key("validation", transforms, "Of all other samples.").or_("[]"),
  });
  return mapping({
      Key("train", all.datasets.schema(), "What the model is trained on.")
          .required_()
          .refused(kLaterData, kLaterDataFeature),
      Key("validation", held_out(all.datasets), "What it is judged by on the way.")
          .refused(kLaterData, kLaterDataFeature),
      Key("test", all.datasets.schema(), "What it is judged by once, at the end.")
          .refused(kLaterData, kLaterDataFeature),
      Key("transform", transform, "What is done to inputs before the model gets them.").or_("{}"),
  });
}

/// Keys of features to come beside those that are there.
Schema training() {
  return with_rule(
      mapping({
          Key("epochs", real().above(0).max(1e9), "How often each sample is trained on."),
          Key("steps", integer().min(1).max(kMostSteps), "Optimizer steps, instead of 'epochs'."),
          Key("batch_size", integer().min(1).max(kMostBatch), "Samples of an optimizer step.")
              .or_("64"),
          Key("accumulate", integer().min(1).max(kMostBatch),
              "In how many parts, one after the other, a batch is computed: less memory, the same "
              "gradient.")
              .or_("1"),
          Key("precision", word({"fp32"}), "Of parameters and arithmetic.")
              .or_("fp32")
              .refused({"bf16", "fp16"}, "reduced precision"),
          Key("gradient_clip", any_of({word({"none"}), real().above(0)}),
              "Largest norm of all gradients together; longer ones are shortened to it.")
              .or_("none"),
          Key("deterministic", boolean(), "The same bits on any number of ranks.")
              .or_("false")
              .refused({"true"}, "training that does not depend on the number of ranks"),
          Key("drop_last", boolean(), "Leaves out the last batch of an epoch if it is not full.")
              .or_("false"),
          Key("validate_every", text(),
              "From one validation to the next: epochs or steps, such as '1 epoch'; none: at the "
              "end.")
              .or_("1 epoch"),
          Key("ema", word({"none"}), "A moving average of the parameters.")
              .or_("none")
              .refused({"*"}, "moving averages"),
          Key("early_stop", word({"none"}), "Ends when validation gets no better.")
              .or_("none")
              .refused({"*"}, "early ends"),
      }),
      Rule::exactly_one, {"epochs", "steps"});
}

Schema output() {
  const Schema metrics = mapping(
      {Key("every", integer().min(1), "Steps from row to row, beside validations.").or_("100")},
      "every");
  return mapping({
      Key("directory", text(),
          "Folder of all output, below the working directory; default: the input's name without "
          "suffix."),
      Key("metrics", metrics, "Loss and speed: metrics.csv, event file and loss.png.").or_("{}"),
  });
}

}  // namespace

io::Schema train_schema(const TrainRegistries& all) {
  return mapping({
      Key("r1train", integer().min(1).max(1), "Version of this language.").required_(),
      Key("seed", integer().min(0), "Seed of all random numbers.").or_("1"),
      Key("data", data(all), "Samples.").required_(),
      Key("model", any_of({list(all.layers.schema(), 1), all.models.schema()}),
          "A list of layers, one after the other, or a model by its name.")
          .required_(),
      Key("loss", all.losses.schema(), "What training makes small.").or_("cross_entropy"),
      Key("optimizer", all.optimizers.schema(), "How parameters follow gradients.").or_("adamw"),
      Key("schedule", all.schedules.schema(), "The learning rate.").or_("{constant: 1e-3}"),
      Key("training", training(), "How long, and in which portions.").required_(),
      Key("checkpoint", word({"none"}), "When the state is saved.")
          .or_("none")
          .refused({"*"}, "going on after a stop"),
      Key("output", output(), "What is written, and where.").or_("{}"),
  });
}

}  // namespace r1::ml
