// Which samples make up which step; reading ahead; what data sets give.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/batches.hpp"

#include "io/write_file.hpp"
#include "tests/shared_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace r1::ml {
namespace {

/// Sample k is the number k, its target -k; sample `broken` cannot be read.
class Numbers final : public Dataset {
 public:
  explicit Numbers(std::int64_t samples, std::int64_t broken = -1)
      : samples_(samples), broken_(broken) {}
  std::int64_t samples() const override { return samples_; }
  const Type& x() const override { return type_; }
  const Type& y() const override { return type_; }
  std::int64_t classes() const override { return 0; }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    if (pick.index == broken_) throw Error("sample is broken");
    const std::int64_t other = -pick.index;
    std::memcpy(x, &pick.index, sizeof pick.index);
    std::memcpy(y, &other, sizeof other);
  }

 private:
  std::int64_t samples_, broken_;
  Type type_{Dtype::i64, {}};
};

std::vector<std::int64_t> indices(BatchOrder& order, std::int64_t step) {
  std::vector<std::int64_t> all;
  for (std::int64_t k = 0; k < order.size_of(step); ++k) {
    EXPECT_EQ(order.pick(step, k).epoch, order.epoch_of(step));
    all.push_back(order.pick(step, k).index);
  }
  return all;
}

TEST(BatchOrder, TakesEachSampleOnceAnEpoch) {
  BatchOrder order(103, 10, Shuffle::yes, LastBatch::kept, 7);
  ASSERT_EQ(order.steps_per_epoch(), 11);
  EXPECT_EQ(order.size_of(9), 10);
  EXPECT_EQ(order.size_of(10), 3);
  std::vector<std::int64_t> epochs[2];
  for (std::int64_t step = 0; step < 22; ++step) {
    const auto part = indices(order, step);
    auto& epoch = epochs[step / 11];
    epoch.insert(epoch.end(), part.begin(), part.end());
  }
  EXPECT_NE(epochs[0], epochs[1]);
  for (auto& epoch : epochs) {
    EXPECT_FALSE(std::is_sorted(epoch.begin(), epoch.end()));
    EXPECT_EQ(std::set<std::int64_t>(epoch.begin(), epoch.end()).size(), 103U);
  }
}

TEST(BatchOrder, IsAFunctionOfSeedAndStepAlone) {
  BatchOrder a(50, 8, Shuffle::yes, LastBatch::kept, 3), b(a),
      other(50, 8, Shuffle::yes, LastBatch::kept, 4);
  for (std::int64_t step = 0; step < 20; ++step) indices(a, step);
  EXPECT_EQ(indices(a, 2), indices(b, 2));
  EXPECT_EQ(indices(a, 15), indices(b, 15));
  EXPECT_NE(indices(other, 2), indices(b, 2));
}

TEST(BatchOrder, DropsALastBatchThatIsNotFullIfAskedTo) {
  BatchOrder order(25, 10, Shuffle::no, LastBatch::dropped, 1);
  EXPECT_EQ(order.steps_per_epoch(), 2);
  EXPECT_EQ(order.size_of(1), 10);
  EXPECT_EQ(indices(order, 3).front(), 10);
}

TEST(BatchReader, GivesWhatReadBatchGives) {
  const Numbers data(37);
  const BatchOrder order(37, 5, Shuffle::yes, LastBatch::kept, 1);
  BatchOrder mine = order;
  BatchReader reader(data, order, 3, 40);
  for (std::int64_t step = 3; step < 40; ++step) {
    Batch batch = reader.next();
    const Batch expected = read_batch(data, mine, step);
    EXPECT_EQ(batch.step, step);
    EXPECT_EQ(batch.x, expected.x);
    EXPECT_EQ(batch.y, expected.y);
    EXPECT_EQ(batch.samples, expected.samples);
    reader.recycle(std::move(batch));
  }
}

TEST(BatchReader, EndsWithBatchesUnreadAndPassesFailuresOn) {
  const Numbers data(1000), broken(10, 7);
  { const BatchReader unread(data, {1000, 2, Shuffle::no, LastBatch::kept, 1}, 0, 400); }
  BatchReader reader(broken, {10, 3, Shuffle::no, LastBatch::kept, 1}, 0, 4);
  EXPECT_NO_THROW(reader.next());
  EXPECT_NO_THROW(reader.next());
  EXPECT_THROW(reader.next(), Error);
}

TEST(Split, IsAPartitionThatDoesNotDependOnTheSeed) {
  const auto whole = std::make_shared<Numbers>(5000);
  const auto chosen = split_of(whole, 0.2, Side::chosen), rest = split_of(whole, 0.2, Side::rest);
  EXPECT_EQ(chosen->samples() + rest->samples(), 5000);
  EXPECT_NEAR(static_cast<double>(chosen->samples()), 1000, 5 * std::sqrt(5000 * 0.2 * 0.8));
  std::set<std::int64_t> seen;
  for (const auto* part : {chosen.get(), rest.get()})
    for (std::int64_t k = 0; k < part->samples(); ++k) {
      std::int64_t x = 0, y = 0;
      part->read({0, k}, reinterpret_cast<std::byte*>(&x), reinterpret_cast<std::byte*>(&y));
      EXPECT_TRUE(seen.insert(x).second);
      EXPECT_EQ(y, -x);
    }
}

/// The data set of `yaml`, whose files lie in `folder`.
std::unique_ptr<Dataset> made(const std::filesystem::path& folder, const std::string& yaml,
                              Purpose purpose) {
  const auto registry = builtin_datasets();
  const auto schema = io::mapping({io::Key("data", registry.schema(), "It.").required_()});
  const auto document = io::parse_config("data: {" + yaml + "}\n", folder / "t.yaml", schema);
  document->check();
  return registry.make(document->root()["data"], {purpose, 1});
}

TEST(TextDataset, CoversTheTextOnceAnEpochWithTargetsOneFurther) {
  const test::SharedFolder folder(Communicator::self());
  std::string text;
  for (int k = 0; k < 1000; ++k) text += static_cast<char>('a' + k % 26);
  io::write_file(folder.path() / "t.txt", text);
  const auto data = made(folder.path(), "text: {file: t.txt, context: 10}", Purpose::training);
  EXPECT_EQ(data->classes(), 26);
  std::set<std::int32_t> starts;
  for (std::int64_t epoch = 0; epoch < 30; ++epoch) {
    std::int32_t x[10], y[10], before = -1;
    for (std::int64_t k = 0; k < data->samples(); ++k) {
      data->read({epoch, k}, reinterpret_cast<std::byte*>(x), reinterpret_cast<std::byte*>(y));
      for (int j = 0; j < 10; ++j) EXPECT_EQ(y[j], (x[j] + 1) % 26);
      if (k > 0) {
        EXPECT_EQ(x[0], (before + 10) % 26);
      }
      before = x[0];
      if (k == 0) starts.insert(x[0]);
    }
  }
  EXPECT_GT(starts.size(), 5U) << "epochs begin at other places";
  const auto evaluated =
      made(folder.path(), "text: {file: t.txt, context: 10}", Purpose::evaluation);
  EXPECT_EQ(evaluated->samples(), 99);
}

TEST(CsvDataset, GivesFeaturesAndClassesOrNumbers) {
  const test::SharedFolder folder(Communicator::self());
  io::write_file(folder.path() / "t.csv", "a,kind,b,t\n1,cat,2,0.5\n3,dog,4,1.5\n5,cat,6,2.5\n");
  const auto classes =
      made(folder.path(), "csv: {file: t.csv, target: kind, features: [b, a]}", Purpose::training);
  EXPECT_EQ(classes->classes(), 2);
  float x[2];
  std::int32_t y = -1;
  classes->read({0, 1}, reinterpret_cast<std::byte*>(x), reinterpret_cast<std::byte*>(&y));
  EXPECT_EQ(x[0], 4);
  EXPECT_EQ(x[1], 3);
  EXPECT_EQ(y, 1);
  const auto real = made(folder.path(), "csv: {file: t.csv, target: t, kind: real, features: a}",
                         Purpose::training);
  float target = 0;
  real->read({0, 2}, reinterpret_cast<std::byte*>(x), reinterpret_cast<std::byte*>(&target));
  EXPECT_EQ(real->classes(), 0);
  EXPECT_EQ(target, 2.5F);
}

}  // namespace
}  // namespace r1::ml
