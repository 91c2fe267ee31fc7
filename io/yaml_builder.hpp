// Builds a YamlNode tree from yaml-cpp's events. Its own tree is not used: it keeps the last of duplicate keys in silence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/yaml.hpp"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace r1::io {

/// Thrown through the parser after a fault that makes the rest of the text pointless; the fault is recorded already.
struct YamlStop {};

class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(std::shared_ptr<const YamlSource> source, std::vector<YamlFault>& faults)
      : source_(std::move(source)), faults_(faults) {}

  /// The tree, after the document's end.
  std::optional<YamlNode> take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  /// What a subtree costs, for the limits.
  struct Cost {
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    int height = 1;
  };
  struct Built {
    YamlNode node;
    Cost cost;
  };
  /// A collection that is open.
  struct Frame {
    Built built;
    YAML::anchor_t anchor = 0;
    std::optional<YamlEntry> entry;                   // a key that waits for its value
    bool drop_entry = false;                          // its key was refused
    std::unordered_map<std::string, YamlPlace> seen;  // keys
  };

  YamlPlace at(const YAML::Mark& mark) const;
  [[noreturn]] void stop(const YamlPlace& place, std::string message);
  void report(const YamlPlace& place, std::string message);
  void check_tag(const YamlPlace& place, const std::string& tag);
  bool awaits_key() const;
  void take_key(const YamlPlace& place, const std::string& key);
  void open(YamlNode::Type type, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor);
  void close();
  void add(Built built, YAML::anchor_t anchor);
  void spend(const YamlPlace& place, const Cost& cost);

  std::shared_ptr<const YamlSource> source_;
  std::vector<YamlFault>& faults_;
  std::optional<YamlNode> root_;
  std::vector<Frame> frames_;  // from the root inwards
  std::unordered_map<YAML::anchor_t, Built> anchors_;
  Cost spent_{0, 0, 0};
};

/// Stops with a fault if there is anything after the first document.
class YamlEndCheck : public YamlBuilder {
 public:
  YamlEndCheck(std::shared_ptr<const YamlSource> source, std::vector<YamlFault>& faults)
      : YamlBuilder(source, faults), source_(std::move(source)), faults_(faults) {}
  void OnDocumentStart(const YAML::Mark& mark) override;

 private:
  std::shared_ptr<const YamlSource> source_;
  std::vector<YamlFault>& faults_;
};

}  // namespace r1::io
