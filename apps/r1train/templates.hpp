// Starter inputs for --template: complete, commented.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace r1::apps {

/// The text of template `name`; CommandLineError where there is none of that name.
std::string train_starter_input(const std::string& name);

}  // namespace r1::apps
