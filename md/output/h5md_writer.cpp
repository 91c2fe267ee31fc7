// SPDX-License-Identifier: Apache-2.0
#include "md/output/frame_writer.hpp"

#include <optional>

namespace r1::md {
namespace {

class H5mdWriter : public FrameWriter {
 public:
  H5mdWriter(std::filesystem::path file, FrameFields fields, io::StoredPrecision precision,
             io::Provenance provenance, std::optional<std::int64_t> keep)
      : path_(std::move(file)), keep_(keep) {
    setup_.precision = precision;
    setup_.provenance = std::move(provenance);
    if (fields.image) setup_.fields.push_back(io::H5mdField::image);
    if (fields.velocity) setup_.fields.push_back(io::H5mdField::velocity);
    if (fields.force) setup_.fields.push_back(io::H5mdField::force);
  }

  void write(const AtomFrame& frame, const FrameInfo& info) override {
    if (!file_) open(frame, info);
    io::H5mdFrame out;
    out.step = info.step;
    out.time = info.time;
    for (std::size_t d = 0; d < 3; ++d)
      for (std::size_t k = 0; k < 3; ++k) out.edges[d][k] = info.box.vectors[d][k];
    out.position = frame.position;
    out.image = frame.image;
    out.velocity = frame.velocity;
    out.force = frame.force;
    file_->add(out);
  }
  void flush() override {
    if (file_) file_->flush();
  }
  std::int64_t position() const override { return file_ ? file_->frames() : keep_.value_or(0); }

 private:
  /// Ids, species and masses are those of the first frame: no atom comes or goes.
  void open(const AtomFrame& frame, const FrameInfo& info) {
    setup_.style = info.style;
    for (std::size_t d = 0; d < 3; ++d) setup_.periodic[d] = info.box.periodic[d];
    setup_.id = frame.id;
    setup_.species = frame.type;
    for (const Species& s : info.species) setup_.species_names.push_back(s.name);
    setup_.mass.reserve(frame.type.size());
    for (const std::int32_t type : frame.type)
      setup_.mass.push_back(info.species[static_cast<std::size_t>(type)].mass);
    if (keep_.value_or(0) > 0) {
      file_.emplace(io::TrajectoryFile::resume(path_, std::move(setup_), *keep_));
    } else {
      io::TrajectoryFile::remove(path_);
      file_.emplace(path_, std::move(setup_));
    }
  }

  std::filesystem::path path_;
  io::H5mdSetup setup_;               // until the file is opened
  std::optional<std::int64_t> keep_;  // frames of an earlier run, until the file is opened
  std::optional<io::TrajectoryFile> file_;
};

}  // namespace

std::unique_ptr<FrameWriter> make_h5md_writer(std::filesystem::path file, FrameFields fields,
                                              io::StoredPrecision precision,
                                              io::Provenance provenance,
                                              std::optional<std::int64_t> keep) {
  return std::make_unique<H5mdWriter>(std::move(file), fields, precision, std::move(provenance),
                                      keep);
}

}  // namespace r1::md
