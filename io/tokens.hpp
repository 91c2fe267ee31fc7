// Tokens of text formats (structures, potentials): words between white space, with line and column, on one buffer without copies;
// numbers by std::from_chars, which is exact and knows no locale; the list of a file's faults. Columns count bytes from 1.
// Tokens view the buffer, which must outlive them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

/// A finite decimal number, all of `text`; also with a leading '+' and with Fortran's exponents ("1.5D+03").
std::optional<double> parse_real(std::string_view text);

/// A decimal integer that fits 64 bits, all of `text`; also with a leading '+'.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// 'text' for a message: at most 40 bytes of it, control characters (terminal escapes) shown as '?'.
std::string in_quotes(std::string_view text);

/// A word and its place.
struct Token {
  std::string_view text;
  std::int64_t line = 0;
  std::int64_t column = 0;
};

/// Walks over a buffer line by line, and over the words of a line. What follows `comment` in a line is no word.
class Scanner {
 public:
  explicit Scanner(std::string_view text, char comment = '\0') : text_(text), comment_(comment) {}

  bool next_line();                  // false at the end of the buffer
  bool next(Token& token);           // the next word of this line, or false
  bool next_anywhere(Token& token);  // the next word of this or of a later line, or false
  void rewind_line() { position_ = line_begin_; }

  std::string_view line() const;     // without its end ("\n" or "\r\n")
  std::string_view content() const;  // the line without comment and white space around
  std::string_view comment()
      const;  // what follows the comment character, without white space around
  std::int64_t line_number() const { return line_number_; }
  Token whole_line() const;   // content() as one token
  Token end_of_line() const;  // an empty token behind the last word
  std::size_t remaining() const { return text_.size() - next_begin_; }  // bytes after this line

 private:
  std::string_view text_;
  char comment_;
  std::size_t line_begin_ = 0;
  std::size_t content_end_ = 0;  // of the part before the comment
  std::size_t line_end_ = 0;
  std::size_t next_begin_ = 0;
  std::size_t position_ = 0;
  std::int64_t line_number_ = 0;
};

/// The faults of one file. Parsers go on after a fault where they can, so that a file with five mistakes reports five.
class Faults {
 public:
  static constexpr std::size_t kMax = 20;

  /// `text`: the buffer that the tokens view, for excerpts.
  Faults(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {}

  /// Records a fault; throws all of them when kMax is reached.
  void add(const Token& where, std::string message);
  /// The same for a fault of the file as a whole.
  void add_file(std::string message);
  std::size_t size() const { return list_.size(); }
  /// Throws ConfigError with every fault, in file order, if there is any.
  void check();

 private:
  void push(Diagnostic fault);
  std::string file_;
  std::string_view text_;
  std::vector<Diagnostic> list_;
};

/// Reads the words of the scanner's line in turn. A fault is recorded once, then every call returns false.
class LineFields {
 public:
  LineFields(Scanner& scanner, Faults& faults) : scanner_(scanner), faults_(faults) {}

  bool word(std::string_view what, Token& token);
  bool real(std::string_view what, double& value);
  bool reals(std::string_view what, double* values, int count);
  bool integer(std::string_view what, std::int64_t low, std::int64_t high, std::int64_t& value);
  /// Another word follows; it is the next that is read.
  bool more();
  /// No further word follows.
  bool end(std::string_view after);
  bool good() const { return good_; }
  const Token& last() const { return last_; }
  /// Records a fault at the word read last; returns false.
  bool fail(std::string message);

 private:
  Scanner& scanner_;
  Faults& faults_;
  Token last_;
  bool peeked_ = false;
  bool good_ = true;
};

}  // namespace r1::io
