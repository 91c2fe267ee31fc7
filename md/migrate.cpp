// A message to a peer holds, field by field, the rows of all atoms that go there; every field starts at a multiple of 8 bytes.
// SPDX-License-Identifier: Apache-2.0
#include "md/migrate.hpp"

#include "md/halo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace r1::md {
namespace {

constexpr int kCountTag = 110, kAtomsTag = 111;

View<int*> owners(const Exec& exec, const System& system, const Decomposition& decomposition) {
  auto owner = uninitialized<View<int*>>(exec, "migrate::owners", system.n_local);
  const auto x = system.x();
  const Box box = system.box;
  const Int3 grid = decomposition.grid();
  Kokkos::parallel_for(
      "migrate::owners", Range(exec, 0, system.n_local), KOKKOS_LAMBDA(int i)->void {
        const Vec3 s = box.fractional(x(i, 0), x(i, 1), x(i, 2));
        const int a = Decomposition::brick_of(s[0], grid[0]);
        const int b = Decomposition::brick_of(s[1], grid[1]);
        const int c = Decomposition::brick_of(s[2], grid[2]);
        owner(i) = (c * grid[1] + b) * grid[0] + a;
      });
  return owner;
}

/// Those of the leavers that go to `rank`, ascending, written from `first` on; returns how many.
int collect(const Exec& exec, View<const int*> leavers, View<const int*> owner, int rank,
            View<int*> atoms, int first) {
  int found = 0;
  Kokkos::parallel_scan(
      "migrate::collect", Range(exec, 0, leavers.extent_int(0)),
      KOKKOS_LAMBDA(int l, int& n, bool final)->void {
        if (owner(leavers(l)) != rank) return;
        if (final) atoms(first + n) = leavers(l);
        ++n;
      },
      found);
  return found;
}

/// 8-byte words that the rows of one field of `atoms` atoms take.
std::size_t words(const Field& field, int atoms) {
  const std::size_t element = std::visit(
      [](const auto& d) { return sizeof(typename std::decay_t<decltype(d)>::value_type); },
      field.data);
  return (element * static_cast<std::size_t>(atoms) *
              static_cast<std::size_t>(field.info.components) +
          7) /
         8;
}

bool migrates(const Field& field) {
  return field.info.traits.migrates == FieldTraits::Migrates::yes;
}

std::size_t message_words(const Fields& fields, int atoms) {
  std::size_t sum = 0;
  for (const auto& f : fields.all())
    if (migrates(f)) sum += words(f, atoms);
  return sum;
}

/// Copies rows between a field and its place in a message: pack(field row order(i) -> message), or unpack to first + i.
template <class T>
void pack_field(const Exec& exec, View<T**> field, View<const int*> order, int first, int n,
                double* message) {
  const View<T**> rows(reinterpret_cast<T*>(message), n, field.extent(1));
  Kokkos::parallel_for(
      "migrate::pack", Range(exec, 0, n), KOKKOS_LAMBDA(int i)->void {
        for (int c = 0; c < rows.extent_int(1); ++c) rows(i, c) = field(order(first + i), c);
      });
}
template <class T>
void unpack_field(const Exec& exec, View<T**> field, int first, int n, double* message) {
  const View<T**> rows(reinterpret_cast<T*>(message), n, field.extent(1));
  Kokkos::parallel_for(
      "migrate::unpack", Range(exec, 0, n), KOKKOS_LAMBDA(int i)->void {
        for (int c = 0; c < rows.extent_int(1); ++c) field(first + i, c) = rows(i, c);
      });
}

struct Message {
  int rank;
  int count;  // atoms
  int first;  // of the order, or of the place where arrivals go
  View<double*> data;
};

void pack(const Exec& exec, const Fields& fields, View<const int*> order, Message& m) {
  m.data = uninitialized<View<double*>>(exec, "migrate::message", message_words(fields, m.count));
  std::size_t at = 0;
  for (const auto& f : fields.all()) {
    if (!migrates(f)) continue;
    std::visit(
        [&](const auto& data) {
          pack_field(exec, data, order, m.first, m.count, m.data.data() + at);
        },
        f.data);
    at += words(f, m.count);
  }
}
void unpack(const Exec& exec, const Fields& fields, const Message& m) {
  std::size_t at = 0;
  for (const auto& f : fields.all()) {
    if (!migrates(f)) continue;
    std::visit(
        [&](const auto& data) { unpack_field(exec, data, m.first, m.count, m.data.data() + at); },
        f.data);
    at += words(f, m.count);
  }
}

/// Rows of a field from one place to another; no row is both.
template <class T>
void move_rows(const Exec& exec, View<T**> field, View<const int*> from, View<const int*> to,
               int n) {
  Kokkos::parallel_for(
      "migrate::move_rows", Range(exec, 0, n), KOKKOS_LAMBDA(int k)->void {
        for (int c = 0; c < field.extent_int(1); ++c) field(to(k), c) = field(from(k), c);
      });
}

/// Closes the gaps that leavers left among the first `staying` rows with the stayers behind them. Order does not matter: a sort
/// follows, and it alone moves every row.
void close_gaps(const Exec& exec, const Fields& fields, View<const int*> owner, int rank,
                int staying) {
  const int before = owner.extent_int(0);
  auto gaps = uninitialized<View<int*>>(exec, "migrate::gaps", before - staying);
  auto movers = uninitialized<View<int*>>(exec, "migrate::movers", before - staying);
  int n = 0;
  Kokkos::parallel_scan(
      "migrate::gaps", Range(exec, 0, staying),
      KOKKOS_LAMBDA(int i, int& k, bool final)->void {
        if (owner(i) == rank) return;
        if (final) gaps(k) = i;
        ++k;
      },
      n);
  Kokkos::parallel_scan(
      "migrate::movers", Range(exec, staying, before),
      KOKKOS_LAMBDA(int i, int& k, bool final)->void {
        if (owner(i) != rank) return;
        if (final) movers(k) = i;
        ++k;
      },
      n);
  for (const auto& f : fields.all())
    if (migrates(f))
      std::visit([&](const auto& data) { move_rows(exec, data, movers, gaps, n); }, f.data);
}

/// Local atoms of other ranks, ascending.
View<int*> find_leavers(const Exec& exec, View<const int*> owner, int rank, int& found) {
  const int n = owner.extent_int(0);
  Kokkos::parallel_reduce(
      "migrate::count_leavers", Range(exec, 0, n),
      KOKKOS_LAMBDA(int i, int& sum)->void { sum += owner(i) != rank; }, found);
  auto leavers = uninitialized<View<int*>>(exec, "migrate::leavers", found);
  if (found == 0) return leavers;
  Kokkos::parallel_scan(
      "migrate::leavers", Range(exec, 0, n), KOKKOS_LAMBDA(int i, int& k, bool final)->void {
        if (owner(i) == rank) return;
        if (final) leavers(k) = i;
        ++k;
      });
  return leavers;
}

/// Of the leavers, the first few that go to none of the peers: id, position, owner. They are rare: a plain loop on the host.
std::string name_strays(const Exec& exec, const System& system, View<const int*> leavers,
                        View<const int*> owner, const std::vector<int>& peers) {
  constexpr int kMostNames = 5;
  exec.fence("migrate: the host looks for strays");
  const auto rows = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), leavers);
  const auto to = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), owner);
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  std::string text;
  int named = 0;
  for (int k = 0; k < rows.extent_int(0); ++k) {
    const int i = rows(k);
    if (std::binary_search(peers.begin(), peers.end(), to(i))) continue;
    if (++named > kMostNames) return text + ", ...";
    text += fmt::format("{}atom {} at ({:.6g}, {:.6g}, {:.6g}), which belongs to rank {}",
                        named > 1 ? ", " : "", id(i), x(i, 0), x(i, 1), x(i, 2), to(i));
  }
  return text;
}

}  // namespace

// Long: one exchange, from choosing who goes to closing the ranks.
Migration migrate_atoms(const Exec& exec, System& system, const Communicator& comm,
                        const Decomposition& decomposition, const std::vector<int>& peers) {
  if (peers.empty()) return {};
  const auto owner = owners(exec, system, decomposition);
  int leaving = 0;
  const auto leavers = find_leavers(exec, owner, comm.rank(), leaving);
  const int staying = system.n_local - leaving;
  auto order = uninitialized<View<int*>>(exec, "migrate::order", leaving);
  std::vector<Message> out, in;
  std::vector<int> sends;
  for (int first = 0; const int rank : peers) {
    const int n = leaving == 0 ? 0 : collect(exec, leavers, owner, rank, order, first);
    out.push_back({rank, n, first, {}});
    sends.push_back(n);
    first += n;
  }
  Migration migration{leaving, ""};
  if (std::accumulate(sends.begin(), sends.end(), 0) < leaving)
    migration.stray = name_strays(exec, system, leavers, owner, peers);
  const auto receives = exchange_counts(exec, comm, peers, sends, kCountTag);
  std::vector<Pending> pending;
  int after = staying;
  for (std::size_t k = 0; k < peers.size(); ++k) {
    in.push_back({peers[k], receives[k], after, {}});
    after += receives[k];
    if (receives[k] == 0) continue;
    in[k].data = uninitialized<View<double*>>(exec, "migrate::message",
                                              message_words(system.fields, receives[k]));
    pending.push_back(comm.irecv(exec, in[k].data, peers[k], kAtomsTag));
  }
  for (auto& m : out) {
    if (m.count == 0) continue;
    pack(exec, system.fields, order, m);
    pending.push_back(comm.isend(exec, m.data, m.rank, kAtomsTag));
  }
  if (leaving > 0) close_gaps(exec, system.fields, owner, comm.rank(), staying);
  system.fields.reserve(exec, after + 1, staying);
  for (auto& p : pending) p.wait(exec);
  for (const auto& m : in)
    if (m.count > 0) unpack(exec, system.fields, m);
  system.n_local = after;
  return migration;
}

}  // namespace r1::md
