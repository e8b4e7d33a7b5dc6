// Amounts and currencies as people write them.
#include "daemon/base/money.hpp"

#include "tests/catch.hpp"

namespace nexus {

TEST_CASE("micro-units are shown as a decimal without rounding and without trailing zeros") {
  CHECK(amount_text(0) == "0");
  CHECK(amount_text(1) == "0.000001");
  CHECK(amount_text(500'001) == "0.500001");
  CHECK(amount_text(25'000'000) == "25");
  CHECK(amount_text(25'500'000) == "25.5");
  CHECK(amount_text(INT64_MAX) == "9223372036854.775807");
  CHECK(amount_text(-500'000) == "-0.5");
  CHECK(amount_text(INT64_MIN) == "-9223372036854.775808");
}

TEST_CASE("a currency is three letters in any case") {
  CHECK(currency_code("USD") == "USD");
  CHECK(currency_code("usd") == "USD");
  CHECK(currency_code("eUr") == "EUR");
  for (const char* wrong : {"", "US", "DOLLAR", "U1D", "U D", "\xc3\xa9s"}) CHECK_FALSE(currency_code(wrong));
}

}  // namespace nexus
