// SPDX-License-Identifier: Apache-2.0
#include "apps/output_directory.hpp"

namespace r1::apps {

void check_directory(const io::Config& output) {
  if (!output.has("directory")) return;
  const std::filesystem::path folder = output["directory"].text();
  const auto normal = folder.lexically_normal();
  if (folder.empty() || folder.is_absolute() || *normal.begin() == "..")
    output["directory"].fault(
        "found '" + folder.string() +
        "', expected a folder below the working directory; -o takes any folder");
}

}  // namespace r1::apps
