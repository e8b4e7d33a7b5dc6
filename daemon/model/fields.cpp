#include "daemon/model/fields.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/base/bytes.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::model {
namespace {

/// RFC 6901 section 3.
std::string escape_pointer(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

bool holds_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

constexpr std::string_view kNul = "must not hold U+0000";
constexpr std::string_view kNoName = "must be a plain name: no white space, control or invisible characters inside";

bool any_nul(const Json& value) {
  if (value.is_string()) return holds_nul(value.get_ref<const std::string&>());
  if (value.is_object() && std::ranges::any_of(value.items(), [](const auto& item) { return holds_nul(item.key()); }))
    return true;
  return value.is_structured() && std::ranges::any_of(value, any_nul);
}

void walk_nul(const Json& value, const std::string& pointer, Faults& faults) {
  if (value.is_string()) {
    if (holds_nul(value.get_ref<const std::string&>())) faults.add(pointer, std::string(kNul));
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      if (holds_nul(name)) faults.add(pointer, "has a member whose name " + std::string(kNul));
      walk_nul(member, pointer + "/" + escape_pointer(name), faults);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) walk_nul(value[i], pointer + "/" + std::to_string(i), faults);
  }
}

/// The whole number of a double, if the double represents only that one.
std::optional<std::int64_t> whole(double number) {
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (!(std::abs(number) <= exact_max) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::string range_text(TextRange range) {
  return "must be a text of " + std::to_string(range.min) + " to " + std::to_string(range.max) + " bytes";
}

/// The value, if there is one that `fits`. Another one is a fault, which says what it `must` be.
template <class Fits, class Must>
const Json* fitting(Fields& fields, std::string_view name, const Json* value, Fits fits, Must must) {
  if (value == nullptr || fits(*value)) return value;
  fields.fault(name, must());
  return nullptr;
}

template <class V>
std::optional<V> copy_of(const Json* value) {
  return value == nullptr ? std::nullopt : std::optional<V>(value->get<V>());
}

bool is_text_of(const Json& value, TextRange range) {
  if (!value.is_string()) return false;
  const std::size_t size = value.get_ref<const std::string&>().size();
  return size >= range.min && size <= range.max;
}

/// One Fields for each element of the array at `pointer`.
std::vector<Fields> each_of(const Json& array, const std::string& pointer, Faults& faults) {
  std::vector<Fields> items;
  items.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i)
    items.emplace_back(array[i], pointer + "/" + std::to_string(i), faults);
  return items;
}

std::optional<std::int64_t> integer_of(const Json& value, bool in_query) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return number > static_cast<std::uint64_t>(INT64_MAX) ? std::nullopt : std::optional<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return whole(value.get<double>());  // 10.0, 1e6
  if (!in_query || !value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();  // a query holds only texts: a number of JSON, without blanks
  if (text != trim_ascii(text)) return std::nullopt;
  try {
    const Json number = parse_json(text);
    return number.is_number() ? integer_of(number, false) : std::nullopt;
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

}  // namespace

void Faults::add_unknown(std::string pointer) {
  unknown_ = true;
  add(std::move(pointer), "is not a field of this request");
}

void Faults::raise() const {
  if (errors_.empty()) return;
  // A misspelt field is often also a missing one. The unknown name helps more, so it decides the code.
  Problem problem(unknown_ ? problems::validation_unknown_field : problems::validation_failed);
  const FieldError& first = errors_.front();
  problem.detail = (first.pointer.empty() ? "the body" : first.pointer) + " " + first.detail;
  if (errors_.size() > 1) problem.detail += " (and " + std::to_string(errors_.size() - 1) + " more, see errors)";
  problem.errors = errors_;
  throw problem;
}

Fields::Fields(const Json& object, std::string pointer, Faults& faults)
    : object_(&object), pointer_(std::move(pointer)), faults_(faults) {
  if (!object.is_object()) faults_.add(pointer_, "must be an object");
}

void Fields::require(std::string_view name) {
  if (!sent(name) || sent_null(name)) fault(name, "is required");
}

void Fields::fault(std::string_view name, std::string detail) {
  faults_.add(pointer_ + "/" + escape_pointer(name), std::move(detail));
}

const Json* Fields::find(std::string_view name) {
  asked_.emplace(name);
  if (!object_->is_object()) return nullptr;
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> Fields::optional_text(std::string_view name, TextRange range) {
  const auto fits = [&](const Json& value) { return is_text_of(value, range); };
  return copy_of<std::string>(fitting(*this, name, find(name), fits, [&] { return range_text(range); }));
}

std::string Fields::text(std::string_view name, TextRange range) {
  require(name);
  return optional_text(name, range).value_or(std::string{});
}

std::optional<std::string> Fields::optional_name(std::string_view name, TextRange range, NameForm form) {
  const auto text = optional_text(name, range);
  if (!text) return std::nullopt;
  auto normal = normal_name(*text, form);
  if (normal && normal->size() <= range.max) return normal;
  fault(name, normal ? range_text(range) : std::string(kNoName));
  return std::nullopt;
}

std::string Fields::name(std::string_view name, TextRange range, NameForm form) {
  require(name);
  return optional_name(name, range, form).value_or(std::string{});
}

std::optional<std::vector<std::string>> Fields::optional_names(std::string_view name, std::size_t count_max,
                                                               TextRange each, NameForm form) {
  auto texts = optional_texts(name, count_max, each);
  if (!texts) return texts;
  for (auto& text : *texts) {
    auto normal = normal_name(text, form);
    if (!normal || normal->size() > each.max) {
      fault(name, "each " + std::string(normal ? range_text(each) : kNoName));
      return std::nullopt;
    }
    text = std::move(*normal);
  }
  return texts;
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = integer_of(*value, pointer_ == "/query");
  if (number && *number >= min && *number <= max) return number;
  fault(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  require(name);
  return optional_integer(name, min, max).value_or(0);
}

std::optional<bool> Fields::optional_boolean(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (pointer_ == "/query" && (*value == "true" || *value == "false")) return *value == "true";
  fault(name, "must be true or false");
  return std::nullopt;
}

std::optional<Micros> Fields::optional_time(std::string_view name) {
  const auto text = optional_text(name, {.min = 1, .max = 64});
  if (!text) return std::nullopt;
  const auto at = parse_rfc3339(*text);
  if (!at) fault(name, "must be a time with its zone, as 2026-11-23T01:02:03Z");
  return at;
}

std::optional<std::string> Fields::optional_choice(std::string_view name, std::span<const std::string_view> choices) {
  const auto fits = [&](const Json& value) {
    return value.is_string() && std::ranges::count(choices, value.get_ref<const std::string&>()) > 0;
  };
  return copy_of<std::string>(fitting(*this, name, find(name), fits, [&] {
    std::string must = "must be one of";
    for (const auto choice : choices) must.append(" ").append(choice);
    return must;
  }));
}

std::optional<std::vector<std::string>> Fields::optional_texts(std::string_view name, std::size_t count_max,
                                                               TextRange each) {
  const auto fits = [&](const Json& value) {
    return value.is_array() && value.size() <= count_max &&
           std::ranges::all_of(value, [&](const Json& item) { return is_text_of(item, each); });
  };
  return copy_of<std::vector<std::string>>(fitting(*this, name, find(name), fits, [&] {
    return "must be a list of at most " + std::to_string(count_max) + " texts of " + std::to_string(each.min) + " to " +
           std::to_string(each.max) + " bytes";
  }));
}

std::optional<double> Fields::optional_number(std::string_view name) {
  const auto fits = [](const Json& value) { return value.is_number() && std::isfinite(value.get<double>()); };
  return copy_of<double>(fitting(*this, name, find(name), fits, [] { return "must be a finite number"; }));
}

std::optional<std::map<std::string, double>> Fields::optional_numbers(std::string_view name, std::size_t count_max,
                                                                      TextRange key) {
  const Json* value = fitting(
      *this, name, find(name), [&](const Json& sent) { return sent.is_object() && sent.size() <= count_max; },
      [&] { return "must be an object of at most " + std::to_string(count_max) + " numbers"; });
  if (value == nullptr) return std::nullopt;
  std::map<std::string, double> numbers;
  Fields inner(*value, pointer_ + "/" + escape_pointer(name), faults_);
  for (const auto& [member, number] : value->items()) {
    if (member.size() < key.min || member.size() > key.max) inner.fault(member, "has a name that " + range_text(key));
    if (number.is_null()) inner.fault(member, "must be a finite number");
    if (const auto read = inner.optional_number(member)) numbers.emplace(member, *read);
  }
  return numbers;
}

std::optional<Fields> Fields::optional_fields(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return Fields(*value, pointer_ + "/" + escape_pointer(name), faults_);
  fault(name, "must be an object");
  return std::nullopt;
}

std::vector<Fields> Fields::optional_list(std::string_view name, std::size_t count_max) {
  const auto fits = [&](const Json& value) {
    return value.is_array() && value.size() <= count_max && std::ranges::all_of(value, &Json::is_object);
  };
  const Json* value = fitting(*this, name, find(name), fits,
                              [&] { return "must be a list of at most " + std::to_string(count_max) + " objects"; });
  return value == nullptr ? std::vector<Fields>{} : each_of(*value, pointer_ + "/" + escape_pointer(name), faults_);
}

std::optional<Json> Fields::optional_object(std::string_view name, std::size_t bytes_max) {
  const auto fits = [&](const Json& value) { return value.is_object() && to_text(value).size() <= bytes_max; };
  return copy_of<Json>(fitting(*this, name, find(name), fits,
                               [&] { return "must be an object of at most " + std::to_string(bytes_max) + " bytes"; }));
}

std::optional<std::string> Fields::optional_sha256(std::string_view name) {
  const auto fits = [](const Json& value) {
    return is_text_of(value, {.min = 64, .max = 64}) && unhex(value.get_ref<const std::string&>());
  };
  return copy_of<std::string>(
      fitting(*this, name, find(name), fits, [] { return "must be a SHA-256 of 64 lower-case hex digits"; }));
}

std::vector<std::string> Fields::names() const {
  std::vector<std::string> out;
  if (object_->is_object())
    for (const auto& member : object_->items()) out.push_back(member.key());
  return out;
}

void Fields::finish() {
  if (!object_->is_object()) return;
  for (const auto& [name, value] : object_->items())
    if (!asked_.contains(name)) faults_.add_unknown(pointer_ + "/" + escape_pointer(name));
}

void refuse_nul(const Json& value, const std::string& pointer, Faults& faults) {
  if (any_nul(value)) walk_nul(value, pointer, faults);
}

std::vector<Fields> fields_of_array(const Json& array, std::size_t count_max, Faults& faults) {
  if (!array.empty() && array.size() <= count_max) return each_of(array, "", faults);
  faults.add("", "must be a list of 1 to " + std::to_string(count_max) + " objects");
  return {};
}

}  // namespace nexus::model
