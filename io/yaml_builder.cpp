// SPDX-License-Identifier: Apache-2.0
#include "io/yaml_builder.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/mark.h>

#include <algorithm>

namespace r1::io {

YamlPlace YamlBuilder::at(const YAML::Mark& mark) const {
  const auto end = source_->text().size();
  return {source_, mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(mark.pos), end)};
}

void YamlBuilder::stop(const YamlPlace& place, std::string message) {
  faults_.push_back({place, std::move(message)});
  throw YamlStop{};
}

void YamlBuilder::report(const YamlPlace& place, std::string message) {
  faults_.push_back({place, std::move(message)});
  if (faults_.size() >= YamlLimits::kFaults) stop(place, "too many faults to go on");
}

void YamlBuilder::check_tag(const YamlPlace& place, const std::string& tag) {
  // "?" and "!" are what the parser gives to plain and to quoted nodes without a tag.
  if (tag.empty() || tag == "?" || tag == "!") return;
  report(place,
         fmt::format("the tag '{}' is not part of this language: leave it out", shortened(tag)));
}

bool YamlBuilder::awaits_key() const {
  return !frames_.empty() && frames_.back().built.node.type == YamlNode::Type::mapping &&
         !frames_.back().entry;
}

void YamlBuilder::take_key(const YamlPlace& place, const std::string& key) {
  Frame& frame = frames_.back();
  frame.entry = YamlEntry{key, place, {}};
  frame.built.cost.bytes += key.size();
  const auto [first, fresh] = frame.seen.emplace(key, place);
  frame.drop_entry = key == "<<" || !fresh;
  if (key == "<<")
    report(place, "merge keys '<<' are not part of this language: write the keys out");
  else if (!fresh)
    report(place, fmt::format("duplicate key '{}' (first at {})", shortened(key),
                              source_->position(first->second.offset)));
}

void YamlBuilder::spend(const YamlPlace& place, const Cost& cost) {
  spent_.nodes += cost.nodes;
  spent_.bytes += cost.bytes;
  if (spent_.nodes > YamlLimits::kNodes)
    stop(place, fmt::format("more than {} values (aliases count for what they stand for)",
                            YamlLimits::kNodes));
  if (spent_.bytes > YamlLimits::kExpandedBytes)
    stop(place, fmt::format("aliases expand to more than {} bytes", YamlLimits::kExpandedBytes));
}

void YamlBuilder::open(YamlNode::Type type, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  const YamlPlace place = at(mark);
  if (awaits_key())
    stop(place, "a key must be a plain word, found a list or mapping (is a bracket open?)");
  if (frames_.size() >= static_cast<std::size_t>(YamlLimits::kDepth))
    stop(place, fmt::format("nested deeper than {} levels", YamlLimits::kDepth));
  check_tag(place, tag);
  spend(place, {1, 0, 0});
  Frame frame;
  frame.built.node.type = type;
  frame.built.node.place = place;
  frame.anchor = anchor;
  frames_.push_back(std::move(frame));
}

void YamlBuilder::close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  add(std::move(frame.built), frame.anchor);
}

void YamlBuilder::add(Built built, YAML::anchor_t anchor) {
  if (anchor != 0) {
    // The copy is kept until the end: it counts like an alias, which bounds the memory of nested anchors.
    spend(built.node.place, built.cost);
    anchors_.emplace(anchor, built);
  }
  if (frames_.empty()) {
    root_ = std::move(built.node);
    return;
  }
  Frame& frame = frames_.back();
  Cost& cost = frame.built.cost;
  cost.nodes += built.cost.nodes;
  cost.bytes += built.cost.bytes;
  cost.height = std::max(cost.height, built.cost.height + 1);
  if (frame.built.node.type == YamlNode::Type::sequence) {
    frame.built.node.items.push_back(std::move(built.node));
    return;
  }
  if (built.node.type == YamlNode::Type::null) built.node.place = frame.entry->key_place;
  frame.entry->value = std::move(built.node);
  if (!frame.drop_entry) frame.built.node.entries.push_back(std::move(*frame.entry));
  frame.entry.reset();
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const YamlPlace place = at(mark);
  if (awaits_key()) stop(place, "a key must be a plain word, found nothing");
  spend(place, {1, 0, 0});
  Built built;
  built.node.place = place;
  add(std::move(built), anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const YamlPlace place = at(mark);
  if (awaits_key()) stop(place, "a key must be a plain word, found an alias");
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end()) stop(place, "this alias stands inside the value that it names");
  spend(place, known->second.cost);
  if (static_cast<int>(frames_.size()) + known->second.cost.height > YamlLimits::kDepth + 1)
    stop(place, fmt::format("nested deeper than {} levels by an alias", YamlLimits::kDepth));
  add(known->second, 0);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  const YamlPlace place = at(mark);
  check_tag(place, tag);
  if (value.find('\0') != std::string::npos) stop(place, "found a NUL character in a text");
  if (awaits_key()) {
    if (anchor != 0) stop(place, "an anchor on a key has no meaning here: leave it out");
    spend(place, {0, value.size(), 0});
    return take_key(place, value);
  }
  Built built;
  built.node.type = YamlNode::Type::scalar;
  built.node.text = value;
  built.node.place = place;
  built.cost.bytes = value.size();
  spend(place, built.cost);
  add(std::move(built), anchor);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(YamlNode::Type::sequence, mark, tag, anchor);
}

void YamlBuilder::OnSequenceEnd() { close(); }

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  open(YamlNode::Type::mapping, mark, tag, anchor);
}

void YamlBuilder::OnMapEnd() { close(); }

void YamlEndCheck::OnDocumentStart(const YAML::Mark& mark) {
  const auto end = source_->text().size();
  const auto offset = mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(mark.pos), end);
  faults_.push_back({{source_, offset},
                     "the document ended before this place, expected nothing more (one document "
                     "per file; or is the "
                     "indentation wrong?)"});
  throw YamlStop{};
}

}  // namespace r1::io
