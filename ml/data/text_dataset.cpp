// Windows of a text, for models that predict the next token:  x (context) are tokens k to k + context - 1, y (context) those one
// further. Windows begin `context` apart, each is taken once an epoch; what is left at the end is no window. In training they begin at
// another place in each epoch, so that all windows come up in time, and in an epoch each token once.
// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"
#include "core/text.hpp"
#include "ml/data/characters.hpp"
#include "ml/data/dataset.hpp"
#include "ml/data/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace r1::ml {
namespace {

class TextDataset final : public Dataset {
 public:
  TextDataset(std::vector<std::int32_t> tokens, std::int64_t context,
              std::vector<char32_t> vocabulary, const DatasetContext& how)
      : tokens_(std::move(tokens)),
        vocabulary_(std::move(vocabulary)),
        type_{Dtype::i32, {context}},
        context_(context),
        purpose_(how.purpose),
        random_(how.seed, 0x74657874) {}

  std::int64_t samples() const override {
    // One less in training: an epoch may begin up to context - 1 tokens further on.
    const auto windows = (static_cast<std::int64_t>(tokens_.size()) - 1) / context_;
    return purpose_ == Purpose::training && windows > 1 ? windows - 1 : windows;
  }
  const Type& x() const override { return type_; }
  const Type& y() const override { return type_; }
  std::int64_t classes() const override { return std::ssize(vocabulary_); }
  const std::vector<char32_t>& vocabulary() const { return vocabulary_; }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    const auto* begin = tokens_.data() + start_of(pick);
    std::memcpy(x, begin, type_.bytes());
    std::memcpy(y, begin + 1, type_.bytes());
  }

 private:
  std::int64_t start_of(Pick pick) const {
    const auto start = pick.index * context_;
    const auto room = static_cast<std::int64_t>(tokens_.size()) - 1 - samples() * context_;
    if (purpose_ == Purpose::evaluation) return start;
    const auto bits = random_.block(0, static_cast<std::uint64_t>(pick.epoch), 0);
    const auto places = static_cast<double>(std::min(room, context_ - 1) + 1);
    return start + static_cast<std::int64_t>(unit_interval(bits[0], bits[1]) * places);
  }

  std::vector<std::int32_t> tokens_;
  std::vector<char32_t> vocabulary_;  // ascending
  Type type_;
  std::int64_t context_;
  Purpose purpose_;
  TensorRandom random_;
};

/// The share [begin, end) of the text that `part` asks for.
std::vector<std::int32_t> part_of(const std::vector<std::int32_t>& tokens,
                                  const io::Config& options) {
  const auto part = options["part"].reals();
  if (!(part[0] < part[1]))
    options["part"].fail(
        fmt::format("found [{:g}, {:g}], expected an end behind the beginning", part[0], part[1]));
  const auto at = [&](double share) {
    return tokens.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(tokens.size()));
  };
  return {at(part[0]), at(part[1])};
}

/// The same tokens must stand for the same characters.
void check_vocabulary(const io::Config& file, const std::vector<char32_t>& own,
                      const Dataset* training) {
  const auto* other = dynamic_cast<const TextDataset*>(training);
  if (other == nullptr || other->vocabulary() == own) return;
  const auto& known = other->vocabulary();
  const auto new_one = std::find_if(own.begin(), own.end(), [&](char32_t character) {
    return !std::binary_search(known.begin(), known.end(), character);
  });
  std::string what = fmt::format("it has {} distinct characters and the training text {}",
                                 own.size(), known.size());
  if (new_one != own.end()) {
    std::string character;
    append_utf8(character, *new_one);
    what += ", in which there is no '" + shortened(character) + "'";
  }
  file.fail(what + "; use one file and 'part'");
}

std::unique_ptr<Dataset> made(const io::Config& options, const DatasetContext& how) {
  CharacterText text;
  try {
    text = read_characters(options["file"].path());
  } catch (const ConfigError& error) {
    options["file"].fail(error);
  }
  check_vocabulary(options["file"], text.vocabulary, how.training);
  auto tokens = part_of(text.tokens, options);
  const auto context = options["context"].integer();
  if (static_cast<std::int64_t>(tokens.size()) <= context)
    options["context"].fail(
        fmt::format("found {}, but the text has only {} characters", context, tokens.size()));
  return std::make_unique<TextDataset>(std::move(tokens), context, std::move(text.vocabulary), how);
}

}  // namespace

void add_text(DatasetRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("file", path(), "The text, in UTF-8; it may be compressed (.gz).").required_(),
      Key("level", word({"character"}), "What a token is.").or_("character"),
      Key("context", integer().min(1).max(1 << 20), "Tokens of a window.").required_(),
      Key("part", list(real().min(0).max(1), 2, 2), "From and to which share of the text.")
          .or_("[0.0, 1.0]"),
  });
  registry.add("text", "Windows of a text, to predict the next character.", options, made);
}

}  // namespace r1::ml
