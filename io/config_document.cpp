// Makes a document of a text: YAML, overrides, style, check against the schema.
// SPDX-License-Identifier: Apache-2.0
#include "io/config_check.hpp"
#include "io/config_override.hpp"
#include "io/config_print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <tuple>

namespace r1::io {
namespace {

constexpr std::size_t kMostFaults = 100;  // shown of one file

class Document : public ConfigDocument {
 public:
  Document(std::filesystem::path file, UnitStyle style, std::unique_ptr<ConfigNode> root)
      : file_(std::move(file)), style_(style), root_(std::move(root)) {}

  Config root() override { return {shared_from_this(), root_.get()}; }
  UnitStyle style() const override { return style_; }
  std::filesystem::path file() const override { return file_; }
  void add_fault(Diagnostic fault) override { faults_.push_back(std::move(fault)); }
  std::size_t faults() const override { return faults_.size(); }

  void check() override {
    if (faults_.empty()) return;
    // The file's own faults by place; then those of options and of other files, as they came.
    const auto order = [this](const Diagnostic& fault) {
      const bool own = fault.line > 0 && fault.file == file_.string();
      return own ? std::tuple(0, fault.line, fault.column) : std::tuple(1, 0, 0);
    };
    std::stable_sort(faults_.begin(), faults_.end(),
                     [&](const auto& a, const auto& b) { return order(a) < order(b); });
    throw ConfigError(faults_);
  }

  std::string print(Origins origins) const override { return block_yaml(*root_, origins); }
  std::vector<Value> values() const override { return flat_values(*root_); }

 private:
  std::filesystem::path file_;
  UnitStyle style_;
  std::unique_ptr<ConfigNode> root_;
  std::vector<Diagnostic> faults_;
};

/// The style that `units` names in the tree, else in the schema's default, else metal. A wrong word is found by the check.
UnitStyle style_of(const YamlNode& root, const SchemaNode& schema) {
  std::string text;
  const Key* key = schema.find_key("units");
  if (key != nullptr) text = key->fallback.value_or("metal");
  const YamlEntry* entry = root.find("units");
  if (key != nullptr && entry != nullptr) text = entry->value.text;
  for (const auto style : {UnitStyle::lj, UnitStyle::real})
    if (text == name(style)) return style;
  return UnitStyle::metal;
}

/// Order of the file, each fault once (an alias repeats those of its anchor); options follow in their order.
void report(std::vector<YamlFault> faults, ConfigDocument& document) {
  const auto order = [](const YamlFault& fault) {
    const bool in_file = fault.place.source->kind() == YamlSource::Kind::file;
    return std::pair(in_file ? 0 : 1, in_file ? fault.place.offset : 0);
  };
  std::stable_sort(faults.begin(), faults.end(),
                   [&](const auto& a, const auto& b) { return order(a) < order(b); });
  const auto same = [](const YamlFault& a, const YamlFault& b) {
    return a.place.source == b.place.source && a.place.offset == b.place.offset &&
           a.message == b.message;
  };
  faults.erase(std::unique(faults.begin(), faults.end(), same), faults.end());
  for (std::size_t i = 0; i < std::min(faults.size(), kMostFaults); ++i)
    document.add_fault(faults[i].place.diagnostic(std::move(faults[i].message)));
  if (faults.size() > kMostFaults)
    document.add_fault({document.file().string(),
                        0,
                        0,
                        fmt::format("{} more faults are not shown", faults.size() - kMostFaults),
                        {}});
}

std::unique_ptr<ConfigNode> empty_root(const std::shared_ptr<const YamlSource>& source) {
  auto root = std::make_unique<ConfigNode>();
  root->type = ConfigNode::Type::mapping;
  root->place = {source, 0};
  return root;
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The file's bytes, one more than the limit at most; errno's text if it cannot be read.
std::string read_bytes(const std::filesystem::path& path, std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return "it is a folder";
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (!file) return std::generic_category().message(errno);
  text.resize(YamlLimits::kBytes + 1);
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return std::ferror(file.get()) != 0 ? std::generic_category().message(errno) : "";
}

}  // namespace

std::shared_ptr<ConfigDocument> parse_config(std::string text, std::filesystem::path file,
                                             const Schema& root,
                                             const std::vector<Override>& overrides) {
  const auto source =
      std::make_shared<const YamlSource>(YamlSource::Kind::file, file.string(), std::move(text));
  YamlDocument yaml = parse_yaml(source);
  UnitStyle style = UnitStyle::metal;
  std::unique_ptr<ConfigNode> checked;
  if (yaml.root) {
    for (const auto& change : overrides) apply_override(*yaml.root, change, yaml.faults);
    style = style_of(*yaml.root, root.node());
    ConfigChecker checker(style, file.parent_path(), yaml.faults);
    checked = checker.check(*yaml.root, root.node(), "");
  }
  if (!checked) checked = empty_root(source);
  const auto document = std::make_shared<Document>(std::move(file), style, std::move(checked));
  report(std::move(yaml.faults), *document);
  return document;
}

std::shared_ptr<ConfigDocument> load_config(const std::filesystem::path& file, const Schema& root,
                                            const std::vector<Override>& overrides) {
  std::string text;
  const std::string trouble = read_bytes(file, text);
  if (trouble.empty()) return parse_config(std::move(text), file, root, overrides);
  const auto source =
      std::make_shared<const YamlSource>(YamlSource::Kind::file, file.string(), std::string());
  const auto document = std::make_shared<Document>(file, UnitStyle::metal, empty_root(source));
  document->add_fault({file.string(), 0, 0, "cannot be read: " + trouble, {}});
  return document;
}

}  // namespace r1::io
