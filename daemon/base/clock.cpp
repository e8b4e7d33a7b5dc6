#include "daemon/base/clock.hpp"

#include <chrono>
#include <cstdio>

namespace nexus {
namespace {

using std::chrono::sys_days;

struct Civil {
  int year;
  unsigned month, day;
  int hour, minute, second, millisecond;
};

Civil civil(Micros at) {
  const auto point = std::chrono::sys_time<std::chrono::microseconds>{std::chrono::microseconds{at}};
  const auto days = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss time{point - days};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count() / 1000)};
}

/// Writes `value` as `width` digits at `out`; cheaper than printf on a path that every answer takes.
void digits(char* out, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// Reads `count` decimal digits from the front of `text` and moves past them.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Micros> to_micros(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto days = sys_days{date}.time_since_epoch().count();
  return ((static_cast<Micros>(days) * 24 + hour) * 60 + minute) * kMinute + second * kSecond;
}

/// The part after the seconds: up to nine digits count, more are refused; microseconds are kept.
std::optional<Micros> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  Micros value = 0;
  Micros unit = kSecond / 10;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
    if (++count > 9) return std::nullopt;
  }
  if (count == 0) return std::nullopt;
  return value;
}

std::optional<Micros> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool minus = !text.empty() && text.front() == '-';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Micros offset = *hours * kHour + *minutes * kMinute;
  return minus ? -offset : offset;
}

}  // namespace

Micros now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string to_rfc3339(Micros at) {
  const Civil c = civil(at);
  std::string out = "0000-00-00T00:00:00.000Z";
  digits(&out[0], c.year, 4);
  digits(&out[5], static_cast<int>(c.month), 2);
  digits(&out[8], static_cast<int>(c.day), 2);
  digits(&out[11], c.hour, 2);
  digits(&out[14], c.minute, 2);
  digits(&out[17], c.second, 2);
  digits(&out[20], c.millisecond, 3);
  return out;
}

std::optional<Micros> parse_rfc3339(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto zone = take_zone(text);
  const auto base = to_micros(*year, *month, *day, *hour, *minute, *second);
  if (!fraction || !zone || !base || !text.empty()) return std::nullopt;
  return *base + *fraction - *zone;
}

std::string to_amz_date(Micros at) {
  const Civil c = civil(at);
  std::string out = "00000000T000000Z";
  digits(&out[0], c.year, 4);
  digits(&out[4], static_cast<int>(c.month), 2);
  digits(&out[6], static_cast<int>(c.day), 2);
  digits(&out[9], c.hour, 2);
  digits(&out[11], c.minute, 2);
  digits(&out[13], c.second, 2);
  return out;
}

std::optional<Micros> parse_amz_date(std::string_view text) {
  const auto year = take_digits(text, 4);
  const auto month = take_digits(text, 2);
  const auto day = take_digits(text, 2);
  if (!year || !month || !day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  const auto minute = take_digits(text, 2);
  const auto second = take_digits(text, 2);
  if (!hour || !minute || !second || !take(text, 'Z') || !text.empty()) return std::nullopt;
  return to_micros(*year, *month, *day, *hour, *minute, *second);
}

}  // namespace nexus
