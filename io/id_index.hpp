// From atom ids to indices, for files whose ids need not be contiguous or in order. Costs nothing where ids ascend.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

namespace r1::io {

/// Views `ids`, which must outlive it unchanged.
class IdIndex {
 public:
  IdIndex() = default;
  explicit IdIndex(const std::vector<std::int64_t>& ids) : ids_(&ids) {
    if (std::is_sorted(ids.begin(), ids.end())) return;
    order_.resize(ids.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&ids](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
  }

  /// Indices of atoms whose id an earlier atom has already, by ascending id.
  std::vector<std::size_t> duplicates() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < size(); ++i)
      if (id(i) == id(i - 1)) found.push_back(at(i));
    return found;
  }

  /// Index of the atom `wanted`; `guess` is tried first.
  std::optional<std::size_t> find(std::int64_t wanted, std::size_t guess) const {
    if (guess < size() && (*ids_)[guess] == wanted) return guess;
    std::size_t low = 0;
    std::size_t high = size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (id(middle) < wanted)
        low = middle + 1;
      else
        high = middle;
    }
    if (low < size() && id(low) == wanted) return at(low);
    return std::nullopt;
  }

  /// Indices by ascending id.
  std::size_t at(std::size_t rank) const { return order_.empty() ? rank : order_[rank]; }
  std::size_t size() const { return ids_ == nullptr ? 0 : ids_->size(); }

 private:
  std::int64_t id(std::size_t rank) const { return (*ids_)[at(rank)]; }

  const std::vector<std::int64_t>* ids_ = nullptr;
  std::vector<std::size_t> order_;  // (N) indices by ascending id; empty if the ids ascend
};

}  // namespace r1::io
