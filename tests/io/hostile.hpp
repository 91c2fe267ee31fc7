// For the tests of parsers: a folder that vanishes, faults put into a valid text and looked up in what the parser reports, and
// damaged texts, which may only be parsed or refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace r1::test {

/// A folder of its own for one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "r1_io_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void put(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::ssize(bytes));
}

inline std::string get(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void put_gzip(const std::filesystem::path& file, std::string_view text) {
  const gzFile stream = ::gzopen(file.c_str(), "wb");
  ASSERT_NE(stream, nullptr);
  ASSERT_EQ(::gzwrite(stream, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  ASSERT_EQ(::gzclose(stream), Z_OK);
}

/// `text` with its first `from` replaced; a test that changes nothing would prove nothing.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::runtime_error("no '" + std::string(from) + "' to replace");
  return text.replace(at, from.size(), to);
}

/// One fault: `from` of the valid text becomes `to`; the report's first fault has this line, column (0: any) and words.
struct SeededFault {
  const char* from;
  const char* to;
  int line;
  int column;
  std::vector<std::string> words;
};

/// What `parse` reports for `text`: the faults, or none.
template <class Parse>
std::vector<Diagnostic> faults_of(const Parse& parse, const std::string& text) {
  try {
    parse(text);
  } catch (const ConfigError& error) {
    EXPECT_FALSE(error.faults().empty());
    return error.faults();
  }
  return {};
}

template <class Parse>
void expect_faults(const Parse& parse, const std::string& valid,
                   const std::vector<SeededFault>& table) {
  ASSERT_TRUE(faults_of(parse, valid).empty());
  for (const SeededFault& seeded : table) {
    SCOPED_TRACE(std::string(seeded.from) + " -> " + seeded.to);
    const auto faults = faults_of(parse, with(valid, seeded.from, seeded.to));
    ASSERT_FALSE(faults.empty());
    EXPECT_EQ(faults[0].line, seeded.line) << faults[0].text();
    if (seeded.column > 0) {
      EXPECT_EQ(faults[0].column, seeded.column) << faults[0].text();
    }
    for (const std::string& word : seeded.words)
      EXPECT_NE(faults[0].text().find(word), std::string::npos) << word << ": " << faults[0].text();
  }
}

enum class Outcome { parsed, refused };

/// Only r1's errors for users may come out; anything else ends the test.
template <class Parse>
Outcome outcome(const Parse& parse, const std::string& text) {
  try {
    parse(text);
    return Outcome::parsed;
  } catch (const ConfigError&) {
  } catch (const IoError&) {
  }
  return Outcome::refused;
}

/// Cuts the text at every `stride`-th byte. Returns how many pieces were refused.
template <class Parse>
int refused_truncations(const Parse& parse, const std::string& valid, std::size_t stride) {
  int refused = 0;
  for (std::size_t size = 0; size < valid.size(); size += stride)
    refused += outcome(parse, valid.substr(0, size)) == Outcome::refused ? 1 : 0;
  return refused;
}

/// Changes, inserts, deletes or doubles bytes at random, 1 to 4 times a text. Returns how many texts were refused.
template <class Parse>
int refused_mutations(const Parse& parse, const std::string& valid, int count) {
  constexpr std::string_view kBytes = "0123456789 .-+eED\n\r\t#:=\"'{}[]\\\0xnaTF9999\xff";
  std::mt19937 random(7);
  const auto below = [&random](std::size_t n) { return random() % n; };
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    std::string text = valid;
    for (std::size_t change = 1 + below(4); change > 0; --change) {
      const std::size_t at = below(text.size());
      const char byte = kBytes[below(kBytes.size())];
      switch (below(4)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1 + below(12));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
      }
    }
    refused += outcome(parse, text) == Outcome::refused ? 1 : 0;
  }
  return refused;
}

}  // namespace r1::test
