// Files that HDF5 may crash on are told apart from sound ones without harm to this process.
// SPDX-License-Identifier: Apache-2.0
#include "io/foreign_hdf5.hpp"

#include "io/hdf5_output.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <chrono>
#include <cstdio>

#include "hostile.hpp"

namespace r1::io {
namespace {

using test::Folder;

/// Groups, attributes of all kinds, contiguous and compressed data sets, a link: what our files hold, in a few KiB.
void make_sample(const std::filesystem::path& path) {
  replace_hdf5_file(path, [](hdf5::Group& root) {
    write_provenance(root, {"test", "1", "abc", utc_now(), "r1md: 1\n"}, "sample", 1);
    const std::vector<double> numbers{1, 2, 3, 4, 5, 6};
    hdf5::Group deep = root.create_group("deep").create_group("er");
    deep.write<double>("numbers", numbers, {2, 3}).set_texts("names", {"Cu", "Zr"});
    deep.create("packed", hdf5::Element::float64, {2, 3}, hdf5::Layout::chunked({1, 3}, 4))
        .write<double>(numbers);
    const std::vector<std::int64_t> ids{7, 8};
    root.write<std::int64_t>("id", ids, {2}).set_number<std::int32_t>("first", 7);
    root.create("none", hdf5::Element::int32, {0, 3});
    root.link("deep/er/numbers", "again");
    root.link("/", "loop");  // a walk along links alone would not end
  });
}

std::string fault_of(const std::filesystem::path& file, const ForeignLimits& limits = {}) {
  try {
    check_foreign_hdf5(file, limits);
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
    return error.what();
  }
  return "";
}

TEST(ForeignHdf5, PassesWhatIsSound) {
  const Folder folder;
  make_sample(folder / "a.h5");
  check_foreign_hdf5(folder / "a.h5");  // the first starts the library
  const auto start = std::chrono::steady_clock::now();
  for (int k = 0; k < 20; ++k) EXPECT_EQ(fault_of(folder / "a.h5"), "");
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  std::printf("%.2f ms a check\n", taken.count() / 20);
}

TEST(ForeignHdf5, RefusesWhatIsMissingOrNoHdf5) {
  const Folder folder;
  EXPECT_NE(fault_of(folder / "a.h5").find("No such file"), std::string::npos);
  test::put(folder / "a.h5", "text\n");
  EXPECT_NE(fault_of(folder / "a.h5").find("cannot read it"), std::string::npos);
}

TEST(ForeignHdf5, RefusesMostCutsAndOutlivesThemAll) {
  const Folder folder;
  make_sample(folder / "a.h5");
  const auto whole = test::get(folder / "a.h5");
  for (std::size_t size = 0; size < whole.size(); size += whole.size() / 50) {
    test::put(folder / "b.h5", std::string_view(whole).substr(0, size));
    EXPECT_NE(fault_of(folder / "b.h5"), "") << size;
  }
}

TEST(ForeignHdf5, OutlivesFlippedBits) {
  const Folder folder;
  make_sample(folder / "a.h5");
  const auto whole = test::get(folder / "a.h5");
  std::mt19937_64 random(11);
  int passed = 0, refused = 0, crashed = 0;
  for (int k = 0; k < 300; ++k) {
    auto bytes = whole;
    auto& byte = bytes[random() % bytes.size()];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    test::put(folder / "b.h5", bytes);
    const auto fault = fault_of(folder / "b.h5", {.time = std::chrono::seconds(2)});
    ++(fault.empty() ? passed : refused);
    if (fault.find("crashed") != std::string::npos) ++crashed;
  }
  std::printf("%d passed, %d refused, of them %d crashed the library\n", passed, refused, crashed);
  EXPECT_GT(refused, 0);
}

/// 2^50 numbers that take no room: one chunk's index and a fill value.
TEST(ForeignHdf5, GivesUpOnWhatHasNoEnd) {
  const Folder folder;
  {
    const hid_t file =
        H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t shape = hsize_t{1} << 50, chunk = 1 << 20;
    H5Pset_chunk(properties, 1, &chunk);
    const hid_t space = H5Screate_simple(1, &shape, nullptr);
    H5Dclose(H5Dcreate2(file, "x", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
    H5Sclose(space), H5Pclose(properties), H5Fclose(file);
  }
  const auto fault = fault_of(folder / "a.h5", {.time = std::chrono::seconds(1)});
  EXPECT_NE(fault.find("did not finish"), std::string::npos) << fault;
}

}  // namespace
}  // namespace r1::io
