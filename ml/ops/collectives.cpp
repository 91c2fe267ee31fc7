// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/collectives.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace r1::ml {
namespace {

std::string_view name_of(Spread spread) {
  if (spread == Spread::partial) return "partial";
  return spread == Spread::sharded ? "sharded" : "replicated";
}

/// What all have in common: one operand, of a spread that turns into another, and a number of ranks.
class Collective : public LinearOp {
 public:
  Collective(std::string_view name, Spread from, Spread to) : name_(name), from_(from), to_(to) {}
  std::string_view name() const override { return name_; }
  Spread spread(std::span<const Type> operands) const override {
    require(operands[0].spread == from_, "it takes what is {}, and {} is {}", name_of(from_),
            operands[0].text(), name_of(operands[0].spread));
    return to_;
  }
  bool communicates() const override { return true; }
  /// One rank's part is the whole, and the sum.
  std::optional<std::size_t> alias_offset(const Node& node, int) const override {
    return node.attributes.integer("ranks") == 1 ? std::optional<std::size_t>(0) : std::nullopt;
  }

 protected:
  Example example(Shape shape, Attributes attributes = {}) const {
    return {{{{Dtype::f64, std::move(shape), from_}}}, attributes.set("ranks", std::int64_t{1})};
  }

 private:
  std::string_view name_;
  Spread from_, to_;
};

std::int64_t ranks_of(const Attributes& attributes) {
  const auto ranks = attributes.integer("ranks");
  require(ranks > 0 && ranks <= std::numeric_limits<int>::max(), "{} is no number of ranks", ranks);
  return ranks;
}
std::int64_t ranks_of(const Node& node) { return node.attributes.integer("ranks"); }

int axis_of(const Type& x, const Attributes& attributes, std::string_view name = "axis") {
  const auto axis = attributes.integer(name);
  require(axis >= 0 && axis < x.shape.rank(), "{} has no axis {}", x.text(), axis);
  return static_cast<int>(axis);
}
int axis_of(const Node& node) { return static_cast<int>(node.attributes.integer("axis")); }

/// One rank's part along `axis`.
Type part_of(const Type& x, int axis, std::int64_t ranks) {
  auto extents = x.shape.extents();
  auto& extent = extents[static_cast<std::size_t>(axis)];
  require(extent % ranks == 0, "{} ranks do not divide axis {} of {}: pad it", ranks, axis,
          x.text());
  extent /= ranks;
  return x.with(Shape(extents));
}

/// The parts of all ranks, joined along `axis`.
Type whole_of(const Type& x, int axis, std::int64_t ranks) {
  auto extents = x.shape.extents();
  auto& extent = extents[static_cast<std::size_t>(axis)];
  require(!__builtin_mul_overflow(extent, ranks, &extent), "axis {} of {} is too long for {} ranks",
          axis, x.text(), ranks);
  return x.with(Shape(extents));
}

/// A cotangent of a replicated value that is the same on all ranks: it counts once.
bool counts_once(const Value& cotangent) { return cotangent.type().spread == Spread::replicated; }

void require_numbers(const Type& x) {
  require(x.dtype != Dtype::boolean, "booleans do not add up: cast {}", x.text());
}

class AllReduce final : public Collective {
 public:
  AllReduce() : Collective("all_reduce", Spread::partial, Spread::replicated) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    ranks_of(a);
    require_numbers(operands[0]);
    return {operands[0]};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    if (counts_once(cotangents[0])) return cotangents;
    return {all_reduce(cotangents[0], ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return all_reduce_kernel(request);
  }
  std::vector<Example> examples() const override { return {example({3, 2})}; }
} const kAllReduce;

class AllGather final : public Collective {
 public:
  AllGather() : Collective("all_gather", Spread::sharded, Spread::replicated) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    return {whole_of(operands[0], axis_of(operands[0], a), ranks_of(a))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    if (counts_once(cotangents[0])) return {own_part(cotangents[0], axis_of(node), ranks_of(node))};
    return {reduce_scatter(cotangents[0], axis_of(node), ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return all_gather_kernel(request, axis_of(request.operands[0], request.attributes));
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"axis", std::int64_t{1}}})};
  }
} const kAllGather;

class ReduceScatter final : public Collective {
 public:
  ReduceScatter() : Collective("reduce_scatter", Spread::partial, Spread::sharded) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    require_numbers(operands[0]);
    return {part_of(operands[0], axis_of(operands[0], a), ranks_of(a))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {all_gather(cotangents[0], axis_of(node), ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return reduce_scatter_kernel(request, axis_of(request.operands[0], request.attributes));
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"axis", std::int64_t{1}}})};
  }
} const kReduceScatter;

class AllToAll final : public Collective {
 public:
  AllToAll() : Collective("all_to_all", Spread::sharded, Spread::sharded) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    const Type& x = operands[0];
    const auto ranks = ranks_of(a);
    return {whole_of(part_of(x, axis_of(x, a, "split"), ranks), axis_of(x, a, "concat"), ranks)};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {all_to_all(cotangents[0], static_cast<int>(node.attributes.integer("concat")),
                       static_cast<int>(node.attributes.integer("split")), ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const Type& x = request.operands[0];
    return all_to_all_kernel(request, axis_of(x, request.attributes, "split"),
                             axis_of(x, request.attributes, "concat"));
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"split", std::int64_t{0}}, {"concat", std::int64_t{1}}})};
  }
} const kAllToAll;

class PermuteRanks final : public Collective {
 public:
  PermuteRanks() : Collective("permute_ranks", Spread::sharded, Spread::sharded) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    const auto ranks = ranks_of(a);
    const auto& pairs = a.integers("pairs");
    require(pairs.size() % 2 == 0, "a rank to send to is missing");
    for (const std::size_t side : {0, 1}) {
      Integers met;
      for (std::size_t k = side; k < pairs.size(); k += 2) met.push_back(pairs[k]);
      std::sort(met.begin(), met.end());
      require(std::adjacent_find(met.begin(), met.end()) == met.end(), "a rank {} twice",
              side == 0 ? "sends" : "receives");
      require(met.empty() || (met.front() >= 0 && met.back() < ranks), "there are {} ranks only",
              ranks);
    }
    return {operands[0]};
  }
  std::optional<std::size_t> alias_offset(const Node&, int) const override { return std::nullopt; }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto& pairs = node.attributes.integers("pairs");
    std::vector<RankPair> back;
    for (std::size_t k = 0; k < pairs.size(); k += 2) back.push_back({pairs[k + 1], pairs[k]});
    return {permute_ranks(cotangents[0], back, ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return permute_ranks_kernel(request, request.attributes.integers("pairs"));
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"pairs", Integers{0, 0}}}), example({3}, {{"pairs", Integers{}}})};
  }
} const kPermuteRanks;

/// Copies between a tensor and the part of it that is this rank's, which is as long as `part` along `axis`.
StridedCopy copy_of_part(const Type& part, const Type& whole, int axis, std::int64_t rank) {
  StridedCopy copy(part.shape, row_major(part.shape));
  copy.from = row_major(whole.shape);
  copy.from_offset = rank * part.shape[axis] * copy.from[static_cast<std::size_t>(axis)];
  return copy;
}

class OwnPart final : public Collective {
 public:
  OwnPart() : Collective("own_part", Spread::replicated, Spread::sharded) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    return {part_of(operands[0], axis_of(operands[0], a), ranks_of(a))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {place_part(cotangents[0], axis_of(node), ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const Type &whole = request.operands[0], &part = request.results[0];
    return copy_kernel(request, {copy_of_part(part, whole, axis_of(whole, request.attributes),
                                              request.communicator.rank())});
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"axis", std::int64_t{1}}})};
  }
} const kOwnPart;

class PlacePart final : public Collective {
 public:
  PlacePart() : Collective("place_part", Spread::sharded, Spread::partial) {}
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& a) const override {
    return {whole_of(operands[0], axis_of(operands[0], a), ranks_of(a))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {own_part(cotangents[0], axis_of(node), ranks_of(node))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const Type &whole = request.results[0], &part = request.operands[0];
    auto copy =
        copy_of_part(part, whole, axis_of(part, request.attributes), request.communicator.rank());
    std::swap(copy.to, copy.from);
    std::swap(copy.to_offset, copy.from_offset);
    return copy_kernel(request, {copy}, Uncovered::zero);
  }
  std::vector<Example> examples() const override {
    return {example({3, 2}, {{"axis", std::int64_t{1}}})};
  }
} const kPlacePart;

/// The same elements, meant in another way.
class Respread final : public LinearOp {
 public:
  Respread(std::string_view name, Spread from, Spread to) : name_(name), from_(from), to_(to) {}
  std::string_view name() const override { return name_; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    require(operands[0].spread == from_, "it takes what is {}, and {} is {}", name_of(from_),
            operands[0].text(), name_of(operands[0].spread));
    return {operands[0]};
  }
  Spread spread(std::span<const Type>) const override { return to_; }
  Values vjp(const Node&, const Values& cotangents) const override;
  std::optional<std::size_t> alias_offset(const Node&, int) const override { return 0; }
  std::vector<Example> examples() const override { return {{{{{Dtype::f64, {3}, from_}}}, {}}}; }

 private:
  std::string_view name_;
  Spread from_, to_;
};

const Respread kSumOfParts("sum_of_parts", Spread::sharded, Spread::partial);
const Respread kAsParts("as_parts", Spread::replicated, Spread::sharded);

Values Respread::vjp(const Node&, const Values& cotangents) const {
  return {apply1(this == &kSumOfParts ? kAsParts : kSumOfParts, {}, {cotangents[0]})};
}

Attributes along(int axis, std::int64_t ranks) {
  return {{"axis", std::int64_t{axis}}, {"ranks", ranks}};
}

}  // namespace

Value all_reduce(const Value& x, std::int64_t ranks) {
  return apply1(kAllReduce, {{"ranks", ranks}}, {x});
}
Value all_gather(const Value& x, int axis, std::int64_t ranks) {
  return apply1(kAllGather, along(axis, ranks), {x});
}
Value reduce_scatter(const Value& x, int axis, std::int64_t ranks) {
  return apply1(kReduceScatter, along(axis, ranks), {x});
}
Value all_to_all(const Value& x, int split, int concat, std::int64_t ranks) {
  return apply1(
      kAllToAll,
      {{"concat", std::int64_t{concat}}, {"ranks", ranks}, {"split", std::int64_t{split}}}, {x});
}

Value permute_ranks(const Value& x, const std::vector<RankPair>& pairs, std::int64_t ranks) {
  auto sorted = pairs;
  std::sort(sorted.begin(), sorted.end(),
            [](const RankPair& a, const RankPair& b) { return a.from < b.from; });
  Integers flat;
  for (const auto& pair : sorted) flat.insert(flat.end(), {pair.from, pair.to});
  return apply1(kPermuteRanks, {{"pairs", flat}, {"ranks", ranks}}, {x});
}

Value shift_ranks(const Value& x, std::int64_t by, std::int64_t ranks) {
  std::vector<RankPair> pairs;
  for (std::int64_t rank = 0; rank < ranks; ++rank)
    pairs.push_back({rank, ((rank + by) % ranks + ranks) % ranks});
  return permute_ranks(x, pairs, ranks);
}

Value own_part(const Value& x, int axis, std::int64_t ranks) {
  return apply1(kOwnPart, along(axis, ranks), {x});
}
Value place_part(const Value& x, int axis, std::int64_t ranks) {
  return apply1(kPlacePart, along(axis, ranks), {x});
}
Value sum_of_parts(const Value& x) { return apply1(kSumOfParts, {}, {x}); }
Value as_parts(const Value& x) { return apply1(kAsParts, {}, {x}); }

Value as_partial(const Value& x, std::int64_t ranks) {
  require(ranks > 0, "{} is no number of ranks", ranks);
  // Of the sum of this over ranks all elements are 1.
  const Type one{x.dtype(), x.shape(), Spread::partial};
  return x * constant(*x.node->store, 1.0 / static_cast<double>(ranks), one);
}

void add_collectives(OpRegistry& registry) {
  for (const Op* op : std::initializer_list<const Op*>{&kAllReduce, &kAllGather, &kReduceScatter,
                                                       &kAllToAll, &kPermuteRanks, &kOwnPart,
                                                       &kPlacePart, &kSumOfParts, &kAsParts})
    registry.add(*op);
}

}  // namespace r1::ml
