#include "daemon/base/metrics_page.hpp"

#include <array>
#include <charconv>

namespace nexus {

MetricsPage& MetricsPage::head(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  text_.append(type).append("\n");
  return *this;
}

MetricsPage& MetricsPage::mean(std::string_view name, std::string_view help, double sum, std::uint64_t count) {
  head(name, "summary", help);
  line(name_ + "_sum", {}, sum);
  line(name_ + "_count", {}, static_cast<double>(count));
  return *this;
}

MetricsPage& MetricsPage::sample(double value, Labels labels) {
  line(name_, labels, value);
  return *this;
}

void MetricsPage::line(std::string_view name, Labels labels, double value) {
  text_ += name;
  char before = '{';
  for (const auto& [label, text] : labels) {
    text_.append(1, before).append(label).append("=\"").append(text).append("\"");
    before = ',';
  }
  if (labels.size() > 0) text_ += '}';
  std::array<char, 32> digits{};
  // Whole numbers are written as such: 1e+06 reads badly.
  const bool whole = value > -1e15 && value < 1e15 && value == static_cast<double>(static_cast<std::int64_t>(value));
  char* const begin = digits.data();
  char* const end = begin + digits.size();
  const auto result =
      whole ? std::to_chars(begin, end, static_cast<std::int64_t>(value)) : std::to_chars(begin, end, value);
  text_.append(1, ' ').append(begin, result.ptr).append("\n");
}

}  // namespace nexus
