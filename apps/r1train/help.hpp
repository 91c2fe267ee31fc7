// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace r1::apps {

/// The text of --help.
std::string train_help_text();

}  // namespace r1::apps
