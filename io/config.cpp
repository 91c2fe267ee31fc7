// Access to checked values. Documents are made in config_document.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "io/config.hpp"

#include "io/config_node.hpp"

namespace r1::io {
namespace {

const ConfigNode& checked(const ConfigNode* node, ConfigNode::Type type) {
  R1_ASSERT(node != nullptr);
  R1_ASSERT(node->type == type);
  return *node;
}

}  // namespace

bool Config::has(std::string_view key) const {
  return checked(node_, ConfigNode::Type::mapping).find(key) != nullptr;
}

Config Config::operator[](std::string_view key) const {
  const ConfigNode* member = checked(node_, ConfigNode::Type::mapping).find(key);
  if (member == nullptr)
    assertion_failed(("the checked mapping holds '" + std::string(key) + '\'').c_str(),
                     SourceLocation::here());
  return {document_, member};
}

std::vector<std::string> Config::keys() const {
  std::vector<std::string> names;
  for (const auto& member : checked(node_, ConfigNode::Type::mapping).members)
    names.push_back(member.key);
  return names;
}

double Config::real() const { return checked(node_, ConfigNode::Type::real).real; }

std::int64_t Config::integer() const { return checked(node_, ConfigNode::Type::integer).integer; }

bool Config::boolean() const { return checked(node_, ConfigNode::Type::boolean).boolean; }

const std::string& Config::text() const {
  R1_ASSERT(node_ != nullptr);
  R1_ASSERT(node_->type == ConfigNode::Type::text || node_->type == ConfigNode::Type::path);
  return node_->text;
}

std::filesystem::path Config::path() const {
  return checked(node_, ConfigNode::Type::path).resolved;
}

bool Config::is(std::string_view word) const {
  R1_ASSERT(node_ != nullptr);
  const bool textual =
      node_->type == ConfigNode::Type::text || node_->type == ConfigNode::Type::choice;
  return textual && node_->text == word;
}

std::vector<Config> Config::items() const {
  std::vector<Config> result;
  for (const auto& item : checked(node_, ConfigNode::Type::list).items)
    result.emplace_back(document_, item.get());
  return result;
}

std::vector<double> Config::reals() const {
  std::vector<double> values;
  for (const auto& item : checked(node_, ConfigNode::Type::list).items)
    values.push_back(checked(item.get(), ConfigNode::Type::real).real);
  return values;
}

const std::string& Config::kind() const { return checked(node_, ConfigNode::Type::choice).text; }

Config Config::options() const {
  return {document_, checked(node_, ConfigNode::Type::choice).items.front().get()};
}

int Config::alternative() const {
  R1_ASSERT(node_ != nullptr && node_->alternative >= 0);
  return node_->alternative;
}

Origin Config::origin() const {
  R1_ASSERT(node_ != nullptr);
  return node_->origin;
}

void Config::fault(std::string message) const {
  R1_ASSERT(node_ != nullptr);
  document_->add_fault(node_->place.diagnostic(std::move(message)));
}

void Config::fail(std::string message) const {
  fault(std::move(message));
  document_->check();
  assertion_failed("check() throws after a fault", SourceLocation::here());
}

void Config::fault(const ConfigError& of_its_file) const {
  for (const auto& found : of_its_file.faults())
    if (found.line == 0)
      fault('\'' + found.file + "': " + found.message);
    else
      document_->add_fault(found);
}

void Config::fail(const ConfigError& of_its_file) const {
  fault(of_its_file);
  document_->check();
  assertion_failed("check() throws after a fault", SourceLocation::here());
}

}  // namespace r1::io
