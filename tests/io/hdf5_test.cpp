// HDF5 layer: values come back bit for bit, errors say what and where, files from elsewhere cannot ask for more than data.
// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5.hpp"

#include "core/error.hpp"
#include "io/hdf5_output.hpp"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace r1::io;
using namespace r1::io::hdf5;

class Hdf5 : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "r1_hdf5_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

template <class F>
std::string error_of(F&& action) {
  try {
    action();
  } catch (const r1::IoError& error) {
    return error.what();
  }
  return "";
}

template <class T>
void expect_same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  ASSERT_FALSE(a.empty());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)), 0);
}

const std::vector<double> kDoubles{0.1,    -0.0,
                                   5e-324, std::numeric_limits<double>::quiet_NaN(),
                                   1e308,  -std::numeric_limits<double>::infinity()};
const std::vector<float> kFloats{0.1F, -0.0F, 1e-45F, 3e38F};
const std::vector<std::int32_t> kInts{-2147483647 - 1, 0, 2147483647};
const std::vector<std::int64_t> kLongs{std::numeric_limits<std::int64_t>::min(), 1,
                                       std::numeric_limits<std::int64_t>::max()};
const std::vector<std::uint8_t> kBytes{0, 255, 7};

TEST_F(Hdf5, GivesBackEveryElementTypeBitForBit) {
  const auto path = folder_ / "a.h5";
  {
    File file = File::create(path);
    Group group = file.root().create_group("g");
    group.write<double>("double", kDoubles, {2, 3});
    group.write<float>("float", kFloats, {4});
    group.write<std::int32_t>("int", kInts, {3, 1});
    group.write<std::int64_t>("long", kLongs, {3});
    group.write<std::uint8_t>("byte", kBytes, {3});
  }
  const File file = File::open_to_read(path);
  const Group group = file.root().group("g");
  EXPECT_EQ(group.dataset("double").shape(), (Shape{2, 3}));
  EXPECT_EQ(group.dataset("int").element(), Element::int32);
  expect_same_bits(group.dataset("double").read<double>(), kDoubles);
  expect_same_bits(group.dataset("float").read<float>(), kFloats);
  expect_same_bits(group.dataset("int").read<std::int32_t>(), kInts);
  expect_same_bits(group.dataset("long").read<std::int64_t>(), kLongs);
  expect_same_bits(group.dataset("byte").read<std::uint8_t>(), kBytes);
  EXPECT_EQ(group.members(), (std::vector<std::string>{"byte", "double", "float", "int", "long"}));
  EXPECT_EQ(group.dataset("int").read<std::int64_t>()[0], kInts[0]) << "widening keeps the value";
}

TEST_F(Hdf5, RefusesToNarrowOrToMixKinds) {
  File file = File::create(folder_ / "a.h5");
  Group root = file.root();
  root.write<double>("d", kDoubles, {6});
  root.write<std::int64_t>("l", kLongs, {3});
  EXPECT_NE(error_of([&] {
              root.dataset("d").read<float>();
            }).find("'/d' holds floating-point numbers of 8 bytes"),
            std::string::npos);
  EXPECT_NE(error_of([&] { root.dataset("l").read<double>(); }), "");
  EXPECT_NE(error_of([&] { root.dataset("l").read<std::int32_t>(); }), "");
  EXPECT_NE(error_of([&] { root.dataset("l").read<std::uint8_t>(); }), "");
}

TEST_F(Hdf5, KeepsAttributesOfEveryKindAndReplacesThem) {
  const auto path = folder_ / "a.h5";
  const std::string yaml(300000, 'y');  // longer than the 64 KiB of an object header
  {
    File file = File::create(path);
    Group root = file.root();
    root.set_text("unit", "fs");
    root.set_text("unit", "Å ps^-1");
    root.set_text("yaml", yaml);
    root.set_text("empty", "");
    root.set_texts("names", {"Cu", "", "Zr"});
    root.set_number("x", 0.1);
    root.set_numbers<std::int64_t>("many", kLongs);
  }
  const File file = File::open_to_read(path);
  const Group root = file.root();
  EXPECT_EQ(root.text("unit"), "Å ps^-1");
  EXPECT_EQ(root.text("yaml"), yaml);
  EXPECT_EQ(root.text("empty"), "");
  EXPECT_EQ(root.texts("names"), (std::vector<std::string>{"Cu", "", "Zr"}));
  EXPECT_EQ(root.number<double>("x"), 0.1);
  EXPECT_EQ(root.numbers<std::int64_t>("many"), kLongs);
  EXPECT_FALSE(root.has_attribute("absent"));
  EXPECT_NE(error_of([&] { root.number<double>("many"); }).find("has 3 elements, expected 1"),
            std::string::npos);
  EXPECT_NE(error_of([&] { root.text("x"); }).find("no text"), std::string::npos);
}

TEST_F(Hdf5, ReadsTextsOfFixedLength) {
  const auto path = folder_ / "fixed.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, 4);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const hid_t attribute = H5Acreate2(file, "unit", type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, type, "nm\0\0");
  H5Aclose(attribute), H5Sclose(space), H5Tclose(type), H5Fclose(file);
  EXPECT_EQ(File::open_to_read(path).root().text("unit"), "nm");
}

TEST_F(Hdf5, ExtendsChunkedDataAndWritesBlocks) {
  File file = File::create(folder_ / "a.h5");
  Dataset data = file.root().create("x", Element::int32, {0, 2}, Layout::chunked({4, 2}, 1));
  for (std::int32_t row = 0; row < 10; ++row) {
    data.resize({static_cast<std::uint64_t>(row) + 1, 2});
    const std::vector<std::int32_t> values{row, -row};
    data.write<std::int32_t>(values, {static_cast<std::uint64_t>(row), 0}, {1, 2});
  }
  EXPECT_EQ(data.shape(), (Shape{10, 2}));
  EXPECT_EQ(data.read<std::int32_t>({8, 0}, {2, 2}), (std::vector<std::int32_t>{8, -8, 9, -9}));
  EXPECT_EQ(data.read<std::int32_t>({0, 1}, {3, 1}), (std::vector<std::int32_t>{0, -1, -2}));
  const std::vector<std::int32_t> two{1, 2};
  EXPECT_NE(error_of([&] {
              data.write<std::int32_t>(two, {10, 0}, {1, 2});
            }).find("not inside '/x', which is (10, 2)"),
            std::string::npos);
  EXPECT_NE(error_of([&] { data.write<std::int32_t>(two); }).find("cannot fill"),
            std::string::npos);
  EXPECT_NE(error_of([&] { data.read<std::int32_t>({}, {1, 2}); }), "");
}

TEST_F(Hdf5, TellsWhereContiguousBytesLie) {
  const auto path = folder_ / "a.h5";
  std::uint64_t offset = 0;
  {
    File file = File::create(path);
    offset = file.root().create("x", Element::float64, {6}).file_offset();
    Dataset chunked = file.root().create("y", Element::float64, {6}, Layout::chunked({2}));
    EXPECT_NE(error_of([&] { chunked.file_offset(); }), "");
  }
  std::fstream raw(path, std::ios::in | std::ios::out | std::ios::binary);
  raw.seekp(static_cast<std::streamoff>(offset));
  raw.write(reinterpret_cast<const char*>(kDoubles.data()), 6 * sizeof(double));
  raw.close();
  expect_same_bits(File::open_to_read(path).root().dataset("x").read<double>(), kDoubles);
}

TEST_F(Hdf5, NamesFileObjectAndReasonInErrorsAndPrintsNothing) {
  testing::internal::CaptureStderr();
  const std::string absent = error_of([&] { File::open_to_read(folder_ / "absent.h5"); });
  EXPECT_NE(absent.find("absent.h5: opening the file failed: "), std::string::npos) << absent;
  EXPECT_NE(absent.find("No such file or directory"), std::string::npos) << absent;

  std::ofstream(folder_ / "text.h5") << "step,time\n";
  EXPECT_NE(error_of([&] { File::open_to_read(folder_ / "text.h5"); }).find("signature"),
            std::string::npos);

  File file = File::create(folder_ / "a.h5");
  const std::string missing = error_of([&] { file.root().dataset("nothing/here"); });
  EXPECT_NE(missing.find("a.h5"), std::string::npos);
  EXPECT_NE(missing.find("'/nothing'"), std::string::npos) << missing;
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Hdf5, RefusesSizesBeforeItAllocates) {
  File file = File::create(folder_ / "a.h5");
  const std::uint64_t huge = std::uint64_t{1} << 40;
  Dataset data = file.root().create("x", Element::float64, {huge, 4}, Layout::chunked({1024, 4}));
  EXPECT_NE(error_of([&] { data.read<double>(); }).find("more than the"), std::string::npos);
  EXPECT_NE(error_of([] { element_count({std::uint64_t{1} << 40, std::uint64_t{1} << 40}); }), "");
  EXPECT_EQ(element_count({0, std::uint64_t{1} << 63, 4}), 0U);
}

TEST_F(Hdf5, FollowsNoLinksOutOfTheFile) {
  const auto path = folder_ / "a.h5";
  File::create(folder_ / "other.h5").root().write<std::uint8_t>("x", kBytes, {3});
  {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/", file, "out", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/out/x", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t extent = 3;
    const hid_t space = H5Screate_simple(1, &extent, nullptr),
                properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(properties, "/etc/passwd", 0, 3);
    H5Dclose(H5Dcreate2(file, "raw", H5T_STD_U8LE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
    H5Pclose(properties), H5Sclose(space), H5Fclose(file);
  }
  File file = File::open_to_write(path);
  Group root = file.root();
  const VirtualPart part{"other.h5", "/x", 0, 3};
  root.create_virtual("virtual", Element::uint8, {3}, {&part, 1});
  for (const char* name : {"out/x", "soft", "raw", "virtual"})
    EXPECT_NE(error_of([&] { root.dataset(name); }), "") << name;
  EXPECT_EQ(root.dataset("virtual", Group::Accept::virtual_too).read<std::uint8_t>(), kBytes);
}

TEST_F(Hdf5, MissingPartsOfVirtualDataReadAsNotANumber) {
  File file = File::create(folder_ / "a.h5");
  Group root = file.root();
  const VirtualPart part{"gone.h5", "/x", 0, 2};
  const Dataset real = root.create_virtual("real", Element::float32, {2}, {&part, 1});
  const Dataset whole = root.create_virtual("whole", Element::int32, {2}, {&part, 1});
  EXPECT_TRUE(std::isnan(real.read<float>()[1]));
  EXPECT_EQ(whole.read<std::int32_t>()[1], -1);
}

TEST_F(Hdf5, MayBeUsedFromSeveralThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      const auto path = folder_ / (std::to_string(t) + ".h5");
      for (int round = 0; round < 20; ++round) {
        File::create(path).root().write<double>("x", kDoubles, {6});
        expect_same_bits(File::open_to_read(path).root().dataset("x").read<double>(), kDoubles);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Hdf5, EqualContentsAreEqualBytes) {
  const auto bytes = [&](const char* name) {
    File::create(folder_ / name).root().create_group("g").write<double>("x", kDoubles, {6});
    std::ifstream in(folder_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string first = bytes("a.h5");
  ::sleep(1);  // a time stamp in the file would differ by a second
  EXPECT_EQ(first, bytes("b.h5"));
}

// In a process of its own: the limit on file sizes stands for a full disk. Exit code 0: the expected error came.
int replace_on_a_full_disk(const std::filesystem::path& path, rlim_t limit) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit bound{limit, limit};
    ::setrlimit(RLIMIT_FSIZE, &bound);
    const std::vector<double> large(100000, 1.0);
    const std::string message = error_of([&] {
      replace_hdf5_file(path, [&](Group& root) { root.write<double>("x", large, {large.size()}); });
    });
    std::exit(message.find("File too large") != std::string::npos
                  ? 0
                  : 1);  // runs the library's own exit handler
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(Hdf5, AFullDiskLeavesTheOldFileAndNothingElse) {
  const auto path = folder_ / "results.h5";
  replace_hdf5_file(path, [](Group& root) { root.write<double>("x", kDoubles, {6}); });
  for (const int limit : {0, 100, 2000, 2048, 2100, 4096, 65536, 800000, 802000})
    EXPECT_EQ(replace_on_a_full_disk(path, static_cast<rlim_t>(limit)), 0) << limit << " bytes";
  expect_same_bits(File::open_to_read(path).root().dataset("x").read<double>(), kDoubles);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
