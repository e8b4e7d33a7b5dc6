#include "store/postgres/numeric.hpp"

#include <charconv>
#include <limits>
#include <string>

#include "store/postgres/big_endian.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kHeadBytes = 8;
constexpr int kBase = 10'000;
constexpr int kBaseDigits = 4;  // decimal digits in one of base 10 000
enum Sign : std::uint16_t {
  positive = 0x0000,
  negative = 0x4000,
  nan = 0xC000,
  infinity = 0xD000,
  minus_infinity = 0xF000
};

struct Numeric {
  explicit Numeric(std::string_view bytes)
      : count(from_big_endian<std::int16_t>(bytes)),
        weight(from_big_endian<std::int16_t>(bytes.substr(2))),
        sign(from_big_endian<std::uint16_t>(bytes.substr(4))),
        digits(bytes.substr(kHeadBytes)) {}
  int digit(int index) const {
    return index < count ? from_big_endian<std::int16_t>(digits.substr(static_cast<std::size_t>(index) * 2)) : 0;
  }
  bool is_number() const { return sign == positive || sign == negative; }

  int count;   // of digits
  int weight;  // of the first digit: a power of 10 000
  std::uint16_t sign;
  std::string_view digits;
};

}  // namespace

std::optional<std::int64_t> numeric_integer(std::string_view bytes) {
  const Numeric number(bytes);
  // No zero stands at the end, so more digits than the weight has are a fraction.
  if (!number.is_number() || number.count > number.weight + 1) return std::nullopt;
  std::int64_t out = 0;  // negative, because there is one negative number more
  for (int index = 0; number.count > 0 && index <= number.weight; ++index) {
    if (__builtin_mul_overflow(out, kBase, &out) || __builtin_sub_overflow(out, number.digit(index), &out))
      return std::nullopt;
  }
  if (number.sign == negative) return out;
  if (out == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -out;
}

double numeric_real(std::string_view bytes) {
  const Numeric number(bytes);
  using Limits = std::numeric_limits<double>;
  if (number.sign == nan) return Limits::quiet_NaN();
  if (number.sign == infinity) return Limits::infinity();
  if (number.sign == minus_infinity) return -Limits::infinity();
  // As text, because from_chars rounds to the nearest double, which arithmetic on the digits would not.
  std::string text = number.sign == negative ? "-0" : "0";
  for (int index = 0; index < number.count; ++index) {
    const std::string digit = std::to_string(number.digit(index));
    text.append(kBaseDigits - digit.size(), '0').append(digit);
  }
  text += "e" + std::to_string(kBaseDigits * (number.weight + 1 - number.count));
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc::result_out_of_range) return text.front() == '-' ? -Limits::infinity() : Limits::infinity();
  return out;
}

}  // namespace nexus::store
