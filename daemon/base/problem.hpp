// A refusal on its way to the client: its code and the exception that carries it to the edge. `detail` is for the
// reader of the answer: it says what to do and never contains SQL, a path, a secret or another tenant's id. Causes are
// logged where the refusal is raised.
//
// Codes are declared in the problems.hpp of the refusing code's folder. Adding one rebuilds the files that include it,
// and the table that gathers them (daemon/problems.hpp).
#pragma once
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus {

/// The description of a code: `code` as on the wire, `status` of the answer, a short `title`, and `meaning`, the
/// paragraph of the page at /problems/<code>. Declared once as a static constant; never copied.
struct CodeInfo {
  constexpr CodeInfo(std::string_view code_, int status_, std::string_view title_, std::string_view meaning_)
      : code(code_), status(status_), title(title_), meaning(meaning_) {}
  CodeInfo(const CodeInfo&) = delete;
  CodeInfo& operator=(const CodeInfo&) = delete;

  std::string_view code;
  int status;
  std::string_view title;
  std::string_view meaning;
};

/// Identifies a code by its declaration, as in Problem(problems::card_not_found). Equal only to itself.
class Code {
 public:
  constexpr Code(const CodeInfo& info) : info_(&info) {}  // implicit: a declaration is the code's name
  Code(const CodeInfo&&) = delete;

  constexpr const CodeInfo& info() const { return *info_; }
  friend constexpr bool operator==(Code, Code) = default;

 private:
  const CodeInfo* info_;
};

inline const CodeInfo& info(Code code) { return code.info(); }

/// `pointer` is an RFC 6901 JSON pointer into the body, or `/query/<name>` or `/header/<name>`.
struct FieldError {
  std::string pointer;
  std::string detail;
};

/// A refusal on its way to the client.
class Problem : public std::exception {
 public:
  explicit Problem(Code code_, std::string detail_ = {}) : code(code_), detail(std::move(detail_)) {}
  const char* what() const noexcept override { return detail.empty() ? info(code).title.data() : detail.c_str(); }
  /// Returns a copy with these errors, so that a refusal is built in one expression.
  Problem with_errors(std::vector<FieldError> value) const {
    Problem problem = *this;
    problem.errors = std::move(value);
    return problem;
  }
  Problem with_remedy(std::string value) const {
    Problem problem = *this;
    problem.remedy = std::move(value);
    return problem;
  }
  Problem with_retry_after(int seconds) const {
    Problem problem = *this;
    problem.retry_after = seconds;
    return problem;
  }

  Code code;
  std::string detail;
  std::vector<FieldError> errors;
  std::string remedy;              // a helpful nexusctl command line, or empty
  std::optional<int> retry_after;  // seconds
  Json decision;                   // of a gate; null otherwise
};

/// What was found. Throws Problem where nothing was.
template <class T>
T found(std::optional<T> value, Code code, std::string detail = {}) {
  if (!value) throw Problem(code, std::move(detail));
  return std::move(*value);
}

}  // namespace nexus
