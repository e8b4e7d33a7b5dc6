#include "store/postgres/translation.hpp"

#include <algorithm>
#include <stdexcept>

namespace nexus::store {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kParametersMax = 65535;  // of PostgreSQL's protocol

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_of_word(char character) {
  return is_digit(character) || character == '_' || (character >= 'a' && character <= 'z') ||
         (character >= 'A' && character <= 'Z');
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}
std::size_t end_of_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_of_word(text[at])) ++at;
  return at;
}

/// Whether the words stand at `at`, with blanks between. Returns where they end, or npos.
std::size_t after_words(std::string_view text, std::size_t at, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    at = skip_blanks(text, at);
    const std::size_t end = end_of_word(text, at);
    if (text.substr(at, end - at) != word) return std::string_view::npos;
    at = end;
  }
  return at;
}

/// Where what begins with `opening` ends, or the end of the text.
std::size_t after(std::string_view text, std::size_t at, std::string_view opening, std::string_view closing) {
  const std::size_t found = text.find(closing, at + opening.size());
  return found == std::string_view::npos ? text.size() : found + closing.size();
}

class Translator {
 public:
  Translator(std::string_view sql, const std::vector<bool>& as_null) : sql_(sql), as_null_(as_null) {}

  Translation run() {
    while (at_ < sql_.size()) step();
    if (skip_blanks(out_.sql, 0) == out_.sql.size()) throw std::logic_error("an empty SQL statement");
    return std::move(out_);
  }

 private:
  void step() {
    const std::string_view rest = sql_.substr(at_);
    // A doubled quote is the end of one literal and the begin of another: the pieces are the same.
    if (rest.starts_with('\'')) return copy_to(after(sql_, at_, "'", "'"));
    if (rest.starts_with('"')) return copy_to(after(sql_, at_, "\"", "\""));
    if (rest.starts_with("--")) return copy_to(after(sql_, at_, "--", "\n"));
    if (rest.starts_with("/*")) return copy_to(after(sql_, at_, "/*", "*/"));
    if (rest.starts_with('?')) return parameter();
    if (is_of_word(rest.front())) return word();
    copy_to(at_ + 1);
  }

  void copy_to(std::size_t end) {
    out_.sql.append(sql_.substr(at_, end - at_));
    at_ = end;
  }

  void word() {
    if (const std::size_t end = after_words(sql_, at_, {"INDEXED", "BY"}); end != std::string_view::npos) {
      at_ = end_of_word(sql_, skip_blanks(sql_, end));
      return;
    }
    copy_to(end_of_word(sql_, at_));
  }

  void parameter() {
    std::size_t number = 0;
    const std::size_t begin = ++at_;
    for (; at_ < sql_.size() && is_digit(sql_[at_]) && number <= kParametersMax; ++at_)
      number = number * 10 + static_cast<std::size_t>(sql_[at_] - '0');
    if (number == 0 || number > kParametersMax) throw std::logic_error("a parameter without a number: " + text());
    out_.parameters = std::max(out_.parameters, number);
    if (number <= as_null_.size() && as_null_[number - 1]) {
      out_.sql.append("NULL");
    } else {
      out_.sql.append("$").append(sql_.substr(begin, at_ - begin));
    }
  }

  std::string text() const { return std::string(sql_); }

  std::string_view sql_;
  const std::vector<bool>& as_null_;
  std::size_t at_ = 0;
  Translation out_;
};

}  // namespace

Translation translate(std::string_view sql, const std::vector<bool>& as_null) { return Translator(sql, as_null).run(); }

}  // namespace nexus::store
