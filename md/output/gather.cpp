// Ids come first and give every atom its row; then each array comes in rounds and goes to these rows.
// SPDX-License-Identifier: Apache-2.0
#include "md/output/gather.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace r1::md {
namespace {

struct Wrapped {
  View<double* [3]> x;            // (n_local, 3)
  View<std::int32_t* [3]> image;  // (n_local, 3)
};

/// The same arithmetic as the wrapping of a rebuild, on copies: the system is only looked at.
Wrapped wrapped(const Exec& exec, const System& system) {
  const int n = system.n_local;
  const auto to_x = uninitialized<View<double* [3]>>(exec, "gather::wrapped", n);
  const auto to_image = uninitialized<View<std::int32_t* [3]>>(exec, "gather::wrapped", n);
  const auto x = system.x();
  const auto image = system.image();
  const Box box = system.box;
  Kokkos::parallel_for(
      "gather::wrapped", Range(exec, 0, n), KOKKOS_LAMBDA(int i)->void {
        const Vec3 s = box.fractional(x(i, 0), x(i, 1), x(i, 2));
        double cells[3];
        bool inside = true;
        for (int d = 0; d < 3; ++d) {
          // Frames of a run that went wrong are written, too: what is no number, or far off, stays as it is.
          const bool fits = box.periodic[d] && Kokkos::fabs(s[d]) < 1073741824.0;
          cells[d] = fits ? Kokkos::floor(s[d]) : 0.0;
          inside = inside && cells[d] == 0;
        }
        const Vec3 shift = inside ? Vec3{0, 0, 0} : box.displacement(cells[0], cells[1], cells[2]);
        for (int d = 0; d < 3; ++d) {
          to_x(i, d) = inside ? x(i, d) : x(i, d) - shift[d];
          to_image(i, d) = image(i, d) + static_cast<std::int32_t>(cells[d]);
        }
      });
  return {to_x, to_image};
}

/// The first `rows` rows of a device view on the host, as many columns as Row has.
template <class Row, class V>
std::vector<Row> host_rows(const Exec& exec, const V& view, int rows) {
  exec.fence("gather: the host reads what kernels wrote");
  const auto part = Kokkos::subview(view, std::pair<int, int>(0, rows), Kokkos::ALL);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), part);
  std::vector<Row> out(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < out.size(); ++i)
    for (std::size_t c = 0; c < std::tuple_size_v<Row>; ++c) out[i][c] = host(i, c);
  return out;
}

class Gather {
 public:
  Gather(const Exec& exec, const System& system, const Communicator& comm, int round)
      : comm_(comm), per_rank_(static_cast<std::size_t>(std::max(1, round / comm.size()))) {
    // All ranks take part in as many rounds as the fullest needs.
    const double most = comm.max(system.n_local);
    rounds_ = (static_cast<std::size_t>(most) + per_rank_ - 1) / per_rank_;
    place(ids_of(exec, system));
  }

  const std::vector<std::int64_t>& id() const { return id_; }

  /// One row per local atom; on rank 0 all rows by id.
  template <class Row>
  std::vector<Row> operator()(const std::vector<Row>& rows) const {
    std::vector<Row> all(id_.size());
    std::vector<std::size_t> next = first_;
    for (std::size_t k = 0; k < rounds_; ++k) {
      const auto parts = comm_.gather(part(rows, k));
      for (std::size_t r = 0; r < parts.size(); ++r)
        for (const Row& row : parts[r]) all[row_[next[r]++]] = row;
    }
    return all;
  }

 private:
  template <class Row>
  std::span<const Row> part(const std::vector<Row>& rows, std::size_t k) const {
    const std::size_t from = std::min(rows.size(), k * per_rank_);
    return std::span<const Row>(rows).subspan(from, std::min(per_rank_, rows.size() - from));
  }

  static std::vector<std::int64_t> ids_of(const Exec& exec, const System& system) {
    const auto rows = host_rows<std::array<std::int64_t, 1>>(exec, system.fields.view(system.id_),
                                                             system.n_local);
    std::vector<std::int64_t> ids;
    ids.reserve(rows.size());
    for (const auto& row : rows) ids.push_back(row[0]);
    return ids;
  }

  /// Fills id_, and for the atoms of rank 0, then of rank 1 ..., the rows where they belong.
  void place(const std::vector<std::int64_t>& ids) {
    std::vector<std::vector<std::int64_t>> by_rank(static_cast<std::size_t>(comm_.size()));
    for (std::size_t k = 0; k < rounds_; ++k) {
      const auto parts = comm_.gather(part(ids, k));
      for (std::size_t r = 0; r < parts.size(); ++r)
        by_rank[r].insert(by_rank[r].end(), parts[r].begin(), parts[r].end());
    }
    for (auto& of_rank : by_rank) {
      first_.push_back(id_.size());
      id_.insert(id_.end(), of_rank.begin(), of_rank.end());
      of_rank = {};
    }
    std::vector<std::size_t> order(id_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return id_[a] < id_[b]; });
    row_.resize(id_.size());
    for (std::size_t row = 0; row < order.size(); ++row) row_[order[row]] = row;
    std::sort(id_.begin(), id_.end());
  }

  Communicator comm_;
  std::size_t per_rank_;  // rows of one rank in one round
  std::size_t rounds_ = 0;
  std::vector<std::int64_t> id_;    // rank 0: ascending
  std::vector<std::size_t> first_;  // rank 0: where the atoms of each rank begin in row_
  std::vector<std::size_t> row_;    // rank 0: row of each atom
};

}  // namespace

AtomFrame gather_by_id(const Exec& exec, const System& system, const Communicator& comm,
                       FrameFields fields, int round) {
  const int n = system.n_local;
  const Gather gather(exec, system, comm, round);
  const auto vectors = [&](Quads rows) { return gather(host_rows<io::Vec3>(exec, rows, n)); };
  AtomFrame frame;
  frame.id = gather.id();
  const auto types =
      gather(host_rows<std::array<std::int32_t, 1>>(exec, system.fields.view(system.type_), n));
  frame.type.reserve(types.size());
  for (const auto& type : types) frame.type.push_back(type[0]);
  const Wrapped inside = wrapped(exec, system);
  frame.position = gather(host_rows<io::Vec3>(exec, inside.x, n));
  if (fields.image) frame.image = gather(host_rows<io::Int3>(exec, inside.image, n));
  if (fields.velocity) frame.velocity = vectors(system.v());
  if (fields.force) frame.force = vectors(system.f());
  return frame;
}

}  // namespace r1::md
