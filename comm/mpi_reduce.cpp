// Reductions: all values of a call travel as records (value, op) in one message. The same ranks
// give the same bits every time:
//  - short lists are gathered by everyone and folded from rank 0 up, so a sum is that of a serial
//    loop over the ranks;
//  - long ones (ranks * records too many to send everything to everyone) go through MPI_Iallreduce
//    with an operation of our own that is declared not commutative, which fixes the order to that
//    of the ranks and leaves the brackets to the library's tree, a function of the number of ranks
//    and the length alone.
// MPI_SUM promises neither, and MPI_MAX and MPI_MIN drop NaN.
// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_detail.hpp"

#include <climits>
#include <utility>

namespace r1::mpi {
namespace {

/// Bytes that each rank may receive before the tree takes over: below it one round of an all-gather
/// costs a latency or two.
constexpr std::size_t kGatherLimit = std::size_t{64} << 10;

struct Record {
  double value;
  std::int64_t op;
};

extern "C" void r1_mpi_combine_records(void* left, void* right, int* count, MPI_Datatype*) {
  const auto* a = static_cast<const Record*>(left);
  auto* b = static_cast<Record*>(right);
  for (int i = 0; i < *count; ++i)
    b[i].value = combine(static_cast<Reductions::Op>(b[i].op), a[i].value, b[i].value);
}

/// Everything that MPI may touch until the wait.
struct Buffers {
  std::vector<Record> sent;      // (records)
  std::vector<Record> received;  // (ranks, records) gathered, or (records) reduced
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;

  void free_handles() {
    if (type != MPI_DATATYPE_NULL) MPI_Type_free(&type);
    if (op != MPI_OP_NULL) MPI_Op_free(&op);
  }
};

class Reduction : public Pending::Impl {
 public:
  Reduction(std::shared_ptr<MpiCommunicator> owner, std::vector<Reductions::Item> items)
      : owner_(std::move(owner)), items_(std::move(items)), buffers_(std::make_unique<Buffers>()) {}
  ~Reduction() override {
    // Given up while an exception unwinds the stack: a collective can be neither cancelled nor
    // freed, and the library may still write here, so the buffers are leaked on purpose.
    if (request_ != MPI_REQUEST_NULL) static_cast<void>(buffers_.release());
  }
  Reduction(const Reduction&) = delete;
  Reduction& operator=(const Reduction&) = delete;

  void post();
  void wait(const Exec&) override { wait(); }
  void wait() override {
    check(MPI_Wait(&request_, MPI_STATUS_IGNORE), "waiting for a reduction");
    buffers_->free_handles();
    const std::size_t n = items_.size();
    for (std::size_t i = 0; i < n; ++i) *items_[i].value = folded(i, n);
  }

 private:
  double folded(std::size_t item, std::size_t n) const {
    const auto& all = buffers_->received;
    double value = all[item].value;
    for (std::size_t i = item + n; i < all.size(); i += n) {
      if (all[i].op != all[item].op)
        throw CommError("rank " + std::to_string(i / n) +
                        " joined a reduction of another kind (item " + std::to_string(item) +
                        " differs): the ranks have left the common path");
      value = combine(items_[item].op, value, all[i].value);
    }
    return value;
  }

  std::shared_ptr<MpiCommunicator> owner_;
  std::vector<Reductions::Item> items_;
  std::unique_ptr<Buffers> buffers_;
  MPI_Request request_ = MPI_REQUEST_NULL;
};

void Reduction::post() {
  Buffers& b = *buffers_;
  for (const auto& item : items_)
    b.sent.push_back({*item.value, static_cast<std::int64_t>(item.op)});
  const std::size_t n = b.sent.size();
  const auto ranks = static_cast<std::size_t>(owner_->size());
  if (n > INT_MAX / sizeof(Record))
    throw CommError("a reduction of " + std::to_string(n) + " values; at most " +
                    std::to_string(INT_MAX / sizeof(Record)) + " go into one: reduce in parts");
  if (ranks * n * sizeof(Record) <= kGatherLimit) {
    b.received.resize(ranks * n);
    const int bytes = static_cast<int>(n * sizeof(Record));
    check(MPI_Iallgather(b.sent.data(), bytes, MPI_BYTE, b.received.data(), bytes, MPI_BYTE,
                         owner_->internal(), &request_),
          "MPI_Iallgather of a reduction's values");
    return;
  }
  b.received.resize(n);
  check(MPI_Type_contiguous(sizeof(Record), MPI_BYTE, &b.type), "MPI_Type_contiguous");
  check(MPI_Type_commit(&b.type), "MPI_Type_commit");
  check(MPI_Op_create(&r1_mpi_combine_records, 0, &b.op), "MPI_Op_create");
  check(MPI_Iallreduce(b.sent.data(), b.received.data(), static_cast<int>(n), b.type, b.op,
                       owner_->internal(), &request_),
        "MPI_Iallreduce of a reduction's values");
}

}  // namespace

Pending MpiCommunicator::reduce(const std::vector<Reductions::Item>& items) {
  auto reduction = std::make_unique<Reduction>(shared_from_this(), items);
  reduction->post();
  return Pending(std::move(reduction));
}

}  // namespace r1::mpi
