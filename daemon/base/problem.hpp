// A refusal on its way to the client: its code and the exception that carries it to the edge. `detail` is for the
// person who reads the answer: it says what to do and never holds SQL, a path, a secret or another tenant's id. Causes
// go to the log where the refusal is raised.
//
// The codes themselves stand beside what refuses, in the problems.hpp of its folder: adding one rebuilds what includes
// that, and the table that gathers them (daemon/problems.hpp).
#pragma once
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus {

/// What is told of a code: `code` as on the wire, `status` of the answer, `title` in a few words, and `meaning`: the
/// paragraph of the page at /problems/<code>. Declared once, as a constant that lives for ever; never copied.
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

/// Which code: equal only to itself. Made of its declaration, as in Problem(problems::card_not_found).
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

/// `pointer` is an RFC 6901 JSON pointer into the body, or `/query/<name>`, `/header/<name>` for what came elsewhere.
struct FieldError {
  std::string pointer;
  std::string detail;
};

/// A refusal on its way to the client.
class Problem : public std::exception {
 public:
  explicit Problem(Code code_, std::string detail_ = {}) : code(code_), detail(std::move(detail_)) {}
  const char* what() const noexcept override { return detail.empty() ? info(code).title.data() : detail.c_str(); }
  /// The same problem with these; refusals are built in one expression.
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

  Code code;
  std::string detail;
  std::vector<FieldError> errors;
  std::string remedy;              // a nexusctl line that would help, or empty
  std::optional<int> retry_after;  // seconds
  Json decision;                   // of a gate; null otherwise
};

}  // namespace nexus
