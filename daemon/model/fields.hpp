// Reads a request's fields into valid values. A Fields wraps one JSON object (or the query, as one object of texts). It
// remembers which members were read, and every member that was not is an unknown field. It collects all faults, so that
// one answer names them all. A fault never repeats the value that was sent.
//
//   Fields body(json, "", faults);
//   const auto name = body.text("name", {.max = 200});
//   body.finish(); faults.raise();
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"

namespace nexus::model {

/// The faults of one request, in the order in which they were found.
class Faults {
 public:
  void add(std::string pointer, std::string detail) { errors_.push_back({std::move(pointer), std::move(detail)}); }
  void add_unknown(std::string pointer);
  bool any() const { return !errors_.empty(); }
  /// Throws the 422 that names them all, if there are any.
  void raise() const;

 private:
  std::vector<FieldError> errors_;
  bool unknown_ = false;
};

/// Lengths of a text, in bytes of UTF-8.
struct TextRange {
  std::size_t min = 1;
  std::size_t max = 1024;
};

class Fields {
 public:
  /// `object` must outlive this. `pointer` leads to it: "" for the body, "/query" for the query.
  Fields(const Json& object, std::string pointer, Faults& faults);

  // Required members: absent or wrong is a fault, and a value-initialised result.
  std::string text(std::string_view name, TextRange range = {});
  /// A name that a gate or a filter compares, in its normal form (normal_name); the range is that of the form.
  std::string name(std::string_view name, TextRange range, NameForm form = NameForm::name);
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);

  // Optional members: absent or null returns nothing.
  std::optional<std::string> optional_text(std::string_view name, TextRange range = {});
  std::optional<std::string> optional_name(std::string_view name, TextRange range, NameForm form = NameForm::name);
  std::optional<std::vector<std::string>> optional_names(std::string_view name, std::size_t count_max, TextRange each,
                                                         NameForm form = NameForm::name);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<Micros> optional_time(std::string_view name);
  /// One of `choices`.
  std::optional<std::string> optional_choice(std::string_view name, std::span<const std::string_view> choices);
  std::optional<std::string> optional_choice(std::string_view name, std::initializer_list<std::string_view> choices) {
    return optional_choice(name, std::span(choices.begin(), choices.size()));
  }
  std::optional<std::vector<std::string>> optional_texts(std::string_view name, std::size_t count_max, TextRange each);
  /// A finite number, whole or not.
  std::optional<double> optional_number(std::string_view name);
  /// An object of at most `count_max` finite numbers, whose names have lengths of `key`.
  std::optional<std::map<std::string, double>> optional_numbers(std::string_view name, std::size_t count_max,
                                                                TextRange key);
  /// The object under `name`, which must be read and finished like this one.
  std::optional<Fields> optional_fields(std::string_view name);
  /// One Fields for each object of the array under `name`, each of which must be finished; none if the array is absent.
  std::vector<Fields> optional_list(std::string_view name, std::size_t count_max);
  /// An object of at most `bytes_max` of compact JSON.
  std::optional<Json> optional_object(std::string_view name, std::size_t bytes_max);
  /// 64 lower-case hex digits.
  std::optional<std::string> optional_sha256(std::string_view name);

  /// The names of the sent members, for an object whose names are data.
  std::vector<std::string> names() const;
  bool sent(std::string_view name) const { return object_->is_object() && object_->contains(name); }
  bool sent_null(std::string_view name) const { return sent(name) && object_->at(std::string(name)).is_null(); }
  /// Adds a fault when the member is absent or null.
  void require(std::string_view name);
  void fault(std::string_view name, std::string detail);
  /// Adds a fault for every member that was never read.
  void finish();

 private:
  const Json* find(std::string_view name);

  const Json* object_;
  std::string pointer_;
  Faults& faults_;
  std::set<std::string, std::less<>> asked_;
};

/// Adds a fault for each text inside `value`, names of members included, that holds U+0000. No field takes one.
void refuse_nul(const Json& value, const std::string& pointer, Faults& faults);

/// One Fields for each element of `array`. An empty array, or more than `count_max` elements, is a fault.
std::vector<Fields> fields_of_array(const Json& array, std::size_t count_max, Faults& faults);

}  // namespace nexus::model
