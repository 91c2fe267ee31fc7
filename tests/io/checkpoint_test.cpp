// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint.hpp"

#include "core/error.hpp"
#include "io/checkpoint_store.hpp"
#include "io/descriptor.hpp"
#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace r1::io {
namespace {

using test::SharedFolder;
using test::world;

const Provenance kProvenance{"test", "1.2.3", "abc", "2025-01-31T12:00:00Z", "input: text\n"};

/// Rows (index, index/3): rank r holds r + 2 of them, but the last of several ranks holds none.
int rows_of(int rank, int size) { return size > 1 && rank == size - 1 ? 0 : rank + 2; }

/// `first` shifts the numbers, so that two checkpoints differ.
CheckpointWriter sample(const Communicator& comm, double first = 0) {
  int before = 0;
  for (int r = 0; r < comm.rank(); ++r) before += rows_of(r, comm.size());
  std::vector<double> pairs;
  std::vector<std::int64_t> ids;
  for (int k = 0; k < rows_of(comm.rank(), comm.size()); ++k) {
    pairs.insert(pairs.end(), {first + before + k, (before + k) / 3.0});
    ids.push_back(1000 + before + k);
  }
  CheckpointWriter writer(comm);
  writer.add_text("kind", "sample");
  writer.add_rows("atoms/pairs", std::move(pairs), 2, "length");
  writer.add_rows("atoms/id", std::move(ids), 1);
  writer.add_rows("atoms/nothing", std::vector<std::int32_t>(), 3);
  writer.add("deep/er/vector", std::vector<double>{0.1, -0.0, 1e300});
  writer.add_one("step", std::int64_t{1} << 40);
  return writer;
}

void expect_sample(const CheckpointReader& reader, int writers, double first = 0) {
  std::uint64_t rows = 0;
  for (int r = 0; r < writers; ++r) rows += static_cast<std::uint64_t>(rows_of(r, writers));
  ASSERT_EQ(reader.rows("atoms/pairs"), rows);
  const auto pairs = reader.read_rows<double>("atoms/pairs", 0, rows, 2);
  const auto ids = reader.read<std::int64_t>("atoms/id");
  for (std::uint64_t k = 0; k < rows; ++k) {
    const auto index = static_cast<double>(k);
    EXPECT_EQ(pairs[2 * k], first + index);
    EXPECT_EQ(pairs[2 * k + 1], index / 3.0);
    EXPECT_EQ(ids[k], 1000 + static_cast<std::int64_t>(k));
  }
  EXPECT_EQ(reader.read_rows<std::int64_t>("atoms/id", rows - 1, 1, 1)[0],
            999 + static_cast<std::int64_t>(rows));
  EXPECT_EQ(reader.rows("atoms/nothing"), 0U);
  EXPECT_EQ(reader.read<double>("deep/er/vector"), (std::vector<double>{0.1, -0.0, 1e300}));
  EXPECT_EQ(reader.read_one<std::int64_t>("step"), std::int64_t{1} << 40);
  EXPECT_EQ(reader.read_text("kind"), "sample");
  EXPECT_EQ(reader.origin("input_yaml"), "input: text\n");
  EXPECT_FALSE(reader.has("deep/nothing"));
  EXPECT_FALSE(reader.has("nowhere/at/all"));
}

std::vector<std::byte> contents(const std::filesystem::path& file) {
  const auto source = Descriptor::open_to_read(file);
  std::vector<std::byte> bytes(source.size());
  source.read(bytes, 0);
  return bytes;
}
void replace(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  auto target = Descriptor::create(file);
  target.write(bytes, 0);
  target.close();
}

TEST(Checkpoint, IsReadByAsManyRanksAsHaveWrittenIt) {
  const auto comm = world();
  const SharedFolder folder(comm);
  sample(comm).write(folder / "a.h5", kProvenance);
  expect_sample(CheckpointReader(comm, folder / "a.h5"), comm.size());
}

TEST(Checkpoint, IsReadByAnotherNumberOfRanks) {
  const auto comm = world();
  const SharedFolder folder(comm);
  sample(comm).write(folder / "a.h5", kProvenance);
  expect_sample(CheckpointReader(Communicator::self(), folder / "a.h5"), comm.size());
}

TEST(Checkpoint, WithoutAnyRowsIsWhole) {
  const auto comm = world();
  const SharedFolder folder(comm);
  CheckpointWriter writer(comm);
  writer.add_rows("atoms/id", std::vector<std::int64_t>(), 1);
  writer.write(folder / "a.h5", kProvenance);
  EXPECT_EQ(CheckpointReader(comm, folder / "a.h5").rows("atoms/id"), 0U);
}

TEST(Checkpoint, RefusesWhatItDoesNotHold) {
  const auto comm = world();
  const SharedFolder folder(comm);
  sample(comm).write(folder / "a.h5", kProvenance);
  const CheckpointReader reader(comm, folder / "a.h5");
  EXPECT_THROW(reader.read<double>("atoms/mass"), CheckpointError);
  EXPECT_THROW(reader.read<std::int64_t>("atoms/pairs"), CheckpointError);
  EXPECT_THROW(reader.read<double>("atoms/pairs"), CheckpointError);
  EXPECT_THROW(reader.read_one<double>("deep/er/vector"), CheckpointError);
}

/// A file that HDF5 has written and that is sealed, but not by CheckpointWriter.
void forge(const std::filesystem::path& file, const std::function<void(hdf5::Group)>& fill) {
  const auto memory = hdf5::File::create_in_memory("memory");
  fill(memory.root());
  const auto image = memory.image();
  const std::uint64_t head = seal_bytes(1);
  const Extent extent{head, image.size(), digest_of(image)};
  auto bytes = make_seal(head, head + image.size(), std::span(&extent, 1));
  bytes.insert(bytes.end(), image.begin(), image.end());
  replace(file, bytes);
}

TEST(Checkpoint, OfForgedShapesIsRefusedBeforeMemoryIsTaken) {
  const auto self = Communicator::self();
  const SharedFolder folder(self);
  forge(folder / "a.h5", [](hdf5::Group root) {
    root.create("scalar", hdf5::Element::float64, {});
    root.create("deep", hdf5::Element::float64, {1, 1, 1});
    // Chunks that were never written take no room.
    root.create("endless", hdf5::Element::float64, {std::uint64_t{1} << 40, 1},
                hdf5::Layout::chunked({1024, 1}));
    root.create("wide", hdf5::Element::float64, {1, std::uint64_t{1} << 33},
                hdf5::Layout::chunked({1, 1024}));
    root.write<double>("sound", std::vector<double>{1, 2}, {2, 1});
  });
  const CheckpointReader reader(self, folder / "a.h5");
  EXPECT_EQ(reader.read<double>("sound"), (std::vector<double>{1, 2}));
  for (const char* name : {"scalar", "deep", "endless", "wide"}) {
    EXPECT_THROW(reader.rows(name), CheckpointError) << name;
    EXPECT_THROW(reader.read<double>(name), CheckpointError) << name;
  }
}

TEST(Checkpoint, FindsEveryFlippedBitAndEveryCut) {
  const auto comm = world();
  const SharedFolder folder(comm);
  sample(comm).write(folder / "a.h5", kProvenance);
  if (comm.rank() == 0) {
    const auto whole = contents(folder / "a.h5");
    std::mt19937_64 random(5);
    for (int k = 0; k < 1000; ++k) {
      auto bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<std::byte>(1U << (random() % 8));
      replace(folder / "b.h5", bytes);
      EXPECT_THROW(CheckpointReader(Communicator::self(), folder / "b.h5"), CheckpointError);
    }
    for (int k = 0; k < 500; ++k) {
      replace(folder / "b.h5", std::span(whole).first(random() % whole.size()));
      EXPECT_THROW(CheckpointReader(Communicator::self(), folder / "b.h5"), CheckpointError);
    }
    auto longer = whole;
    longer.push_back(std::byte{0});
    replace(folder / "b.h5", longer);
    EXPECT_THROW(CheckpointReader(Communicator::self(), folder / "b.h5"), CheckpointError);
  }
}

TEST(Checkpoint, ThatCannotBeWrittenFailsOnAllRanksAndLeavesNothing) {
  const auto comm = world();
  const SharedFolder folder(comm);
  EXPECT_THROW(sample(comm).write(folder / "nowhere/a.h5", kProvenance), IoError);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(CheckpointStore, KeepsThePreviousOne) {
  const auto comm = world();
  const SharedFolder folder(comm);
  const CheckpointStore store(folder.path());
  const auto quiet = [](const std::string& text) { ADD_FAILURE() << text; };
  EXPECT_FALSE(store.newest(comm, quiet).has_value());
  store.save(sample(comm, 1), kProvenance);
  store.save(sample(comm, 2), kProvenance);
  expect_sample(*store.newest(comm, quiet), comm.size(), 2);
  expect_sample(CheckpointReader(comm, store.previous()), comm.size(), 1);
}

TEST(CheckpointStore, FallsBackToThePreviousOneAndSaysWhy) {
  const auto comm = world();
  const SharedFolder folder(comm);
  const CheckpointStore store(folder.path());
  store.save(sample(comm, 1), kProvenance);
  store.save(sample(comm, 2), kProvenance);
  if (comm.rank() == 0) {
    auto bytes = contents(store.present());
    bytes[bytes.size() / 2] ^= std::byte{4};
    replace(store.present(), bytes);
  }
  comm.barrier();
  std::string said;
  const auto reader = store.newest(comm, [&](const std::string& text) { said += text; });
  expect_sample(*reader, comm.size(), 1);
  if (comm.rank() == 0) {
    EXPECT_NE(said.find("checkpoint.h5"), std::string::npos) << said;
    EXPECT_NE(said.find("digest"), std::string::npos) << said;
  }
  comm.barrier();
  if (comm.rank() == 0) replace(store.previous(), contents(store.present()));
  comm.barrier();
  EXPECT_THROW(store.newest(comm, [](const std::string&) {}), CheckpointError);
}

TEST(CheckpointStore, GoesOnAfterAKillBetweenItsRenames) {
  const auto comm = world();
  const SharedFolder folder(comm);
  const CheckpointStore store(folder.path());
  store.save(sample(comm, 1), kProvenance);
  if (comm.rank() == 0) std::filesystem::rename(store.present(), store.previous());
  comm.barrier();
  const auto quiet = [](const std::string& text) { ADD_FAILURE() << text; };
  expect_sample(*store.newest(comm, quiet), comm.size(), 1);
  store.save(sample(comm, 2), kProvenance);
  expect_sample(*store.newest(comm, quiet), comm.size(), 2);
}

}  // namespace
}  // namespace r1::io
