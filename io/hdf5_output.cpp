// Origin and atomic replacement of HDF5 outputs.
// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5_output.hpp"

#include "io/write_file.hpp"

#include <ctime>
#include <vector>

namespace r1::io {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

void write_provenance(hdf5::Group& root, const Provenance& provenance, const std::string& format,
                      int format_version) {
  root.set_text("format", format);
  root.set_number<std::int32_t>("format_version", format_version);
  root.set_text("creator", provenance.creator);
  root.set_text("creator_version", provenance.creator_version);
  root.set_text("created_utc", provenance.created_utc);
  root.set_text("input_yaml", provenance.input_yaml);
  if (!provenance.git_sha.empty()) root.set_text("git_sha", provenance.git_sha);
}

void replace_hdf5_file(const std::filesystem::path& path,
                       const std::function<void(hdf5::Group& root)>& fill) {
  std::vector<std::byte> image;
  {
    const hdf5::File file = hdf5::File::create_in_memory(path.string());
    hdf5::Group root = file.root();
    fill(root);
    image = file.image();
  }
  write_file(path, {reinterpret_cast<const char*>(image.data()), image.size()});
}

}  // namespace r1::io
