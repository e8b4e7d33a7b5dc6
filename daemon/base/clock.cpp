#include "daemon/base/clock.hpp"

#include <chrono>

namespace nexus {
namespace {

constexpr std::int64_t kDigits17 = 100'000'000'000'000'000;

/// Puts the digits of year (4), month, day, hour, minute, second (2 each) and millisecond (3) where `form` has a '#'.
/// Cheaper than printf on a path that every answer takes.
std::string written(Micros at, std::string form) {
  const auto point = std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{at}};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{point - day};
  std::int64_t number = (static_cast<int>(date.year()) % 10'000 + 10'000) % 10'000;  // so that it has 17 digits
  number = number * 100 + static_cast<unsigned>(date.month());
  number = number * 100 + static_cast<unsigned>(date.day());
  number = number * 100 + time.hours().count();
  number = number * 100 + time.minutes().count();
  number = number * 100 + time.seconds().count();
  number = number * 1000 + time.subseconds().count() / 1000;
  const std::string digits = std::to_string(kDigits17 + number);  // behind a 1, so that zeros in front stay
  auto next = digits.begin();
  for (char& c : form)
    if (c == '#') c = *++next;
  return form;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

/// Reads `form` from the front of `text`, with a digit for each '#', and moves past it. Returns the digits as one
/// number.
std::optional<std::int64_t> take_number(std::string_view& text, std::string_view form) {
  std::int64_t number = 0;
  for (const char wanted : form) {
    const char c = text.empty() ? '\0' : text.front();
    if (wanted == '#' ? c < '0' || c > '9' : c != wanted) return std::nullopt;
    if (wanted == '#') number = number * 10 + (c - '0');
    text.remove_prefix(1);
  }
  return number;
}

/// `form` has the 14 digits of year, month, day, hour, minute and second.
std::optional<Micros> take_time(std::string_view& text, std::string_view form) {
  const auto number = take_number(text, form);
  if (!number) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*number / 10'000'000'000)},
                                         std::chrono::month{static_cast<unsigned>(*number / 100'000'000 % 100)},
                                         std::chrono::day{static_cast<unsigned>(*number / 1'000'000 % 100)}};
  const Micros hour = *number / 10'000 % 100, minute = *number / 100 % 100, second = *number % 100;
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const Micros days = std::chrono::sys_days{date}.time_since_epoch().count();
  return days * kDay + hour * kHour + minute * kMinute + second * kSecond;
}

/// The part after the seconds: up to nine digits count, more are refused; microseconds are kept.
std::optional<Micros> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::string digits(text.substr(0, text.find_first_not_of("0123456789")));
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  text.remove_prefix(digits.size());
  digits.resize(6, '0');
  return std::stoll(digits);
}

std::optional<Micros> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool minus = text.starts_with('-');
  const auto number = take_number(text, minus ? "-##:##" : "+##:##");
  if (!number || *number / 100 > 23 || *number % 100 > 59) return std::nullopt;
  const Micros offset = *number / 100 * kHour + *number % 100 * kMinute;
  return minus ? -offset : offset;
}

}  // namespace

Micros now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string to_rfc3339(Micros at) { return written(at, "####-##-##T##:##:##.###Z"); }

std::optional<Micros> parse_rfc3339(std::string_view text) {
  const bool small = text.size() > 10 && text[10] == 't';
  const auto base = take_time(text, small ? "####-##-##t##:##:##" : "####-##-##T##:##:##");
  const auto fraction = take_fraction(text);
  const auto zone = take_zone(text);
  if (!base || !fraction || !zone || !text.empty()) return std::nullopt;
  return *base + *fraction - *zone;
}

std::string to_amz_date(Micros at) { return written(at, "########T######Z"); }

std::optional<Micros> parse_amz_date(std::string_view text) {
  const auto at = take_time(text, "########T######Z");
  return text.empty() ? at : std::nullopt;
}

}  // namespace nexus
