// What r1train says on the standard output, as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/train/outputs.hpp"

#include <string>
#include <vector>

namespace r1::apps {

/// What is known before the first step: parameters, steps, memory.
std::string plan_text(const ml::TrainingStart& start);
/// One line of progress with figures: "epoch 1.00, step 938: loss 0.21, validation loss 0.05, accuracy 98.3 %, 5.1e3 samples/s".
std::string row_text(const ml::TrainingRow& row);
/// The closing summary.
std::string train_closing_text(const std::string& input, const ml::TrainingSummary& summary,
                               const std::string& folder, const std::vector<std::string>& files);

}  // namespace r1::apps
