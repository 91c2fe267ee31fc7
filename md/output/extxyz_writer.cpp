// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "io/extxyz.hpp"
#include "io/write_file.hpp"
#include "md/output/frame_writer.hpp"

namespace r1::md {
namespace {

std::vector<io::Vec3> scaled(const std::vector<io::Vec3>& rows, double factor) {
  std::vector<io::Vec3> out(rows);
  if (factor == 1) return out;
  for (auto& row : out)
    for (double& value : row) value *= factor;
  return out;
}

class ExtxyzWriter : public FrameWriter {
 public:
  ExtxyzWriter(const std::filesystem::path& file, std::optional<std::int64_t> keep)
      : file_(file, keep ? io::AppendFile::Open::extend : io::AppendFile::Open::replace) {
    if (!keep) return;
    const auto bytes = static_cast<std::uint64_t>(*keep);
    if (file_.size() < bytes)
      throw CheckpointError("'" + file.string() + "' has " + std::to_string(file_.size()) +
                            " bytes, the checkpoint has counted " + std::to_string(bytes) +
                            ": frames are missing; bring the file back, or start anew with "
                            "--overwrite");
    file_.truncate(bytes);
  }

  void write(const AtomFrame& frame, const FrameInfo& info) override {
    text_.clear();
    io::append_extxyz(text_, to_structure(frame, info),
                      io::FrameTime{info.step, info.time * to_metal(info.style, Quantity::time)});
    file_.write(text_);
  }
  void flush() override { file_.sync(); }
  void close() override { file_.close(); }
  std::int64_t position() const override { return static_cast<std::int64_t>(file_.size()); }

 private:
  io::AppendFile file_;
  std::string text_;  // of one frame; keeps its memory
};

}  // namespace

io::Structure to_structure(const AtomFrame& frame, const FrameInfo& info) {
  io::Structure s;
  s.units = io::StructureUnits::ase;
  s.cell.emplace();
  const double length = to_metal(info.style, Quantity::length);
  for (std::size_t d = 0; d < 3; ++d) {
    for (std::size_t k = 0; k < 3; ++k) s.cell->vectors[d][k] = info.box.vectors[d][k] * length;
    s.cell->origin[d] = info.box.origin[d] * length;
    s.cell->periodic[d] = info.box.periodic[d];
  }
  s.id = frame.id;
  s.type = frame.type;
  s.position = scaled(frame.position, length);
  s.image = frame.image;
  s.velocity = scaled(frame.velocity, to_metal(info.style, Quantity::velocity));
  s.force = scaled(frame.force, to_metal(info.style, Quantity::force));
  for (const Species& species : info.species) {
    s.species.push_back(species.name);
    s.mass.push_back(species.mass);
  }
  return s;
}

std::unique_ptr<FrameWriter> make_extxyz_writer(const std::filesystem::path& file,
                                                std::optional<std::int64_t> keep) {
  return std::make_unique<ExtxyzWriter>(file, keep);
}

}  // namespace r1::md
