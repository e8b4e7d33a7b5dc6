// Writes a page in the Prometheus text format, version 0.0.4: a family's head, then its samples. For figures that are
// read when the page is made; what counts by itself is in daemon/http/metrics.hpp. A value type, without threads.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace nexus {

class MetricsPage {
 public:
  /// Values are our own words: they are not escaped, and hold no quote, backslash or line end.
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins a family, whose samples follow. Names end as Prometheus wants them: _total of a counter, else the unit.
  MetricsPage& gauge(std::string_view name, std::string_view help) { return head(name, "gauge", help); }
  MetricsPage& counter(std::string_view name, std::string_view help) { return head(name, "counter", help); }
  /// How much in how many pieces, without quantiles: `sum / count` is their mean.
  MetricsPage& mean(std::string_view name, std::string_view help, double sum, std::uint64_t count);

  /// A sample of the family that was begun last.
  MetricsPage& sample(double value, Labels labels = {});

  const std::string& text() const { return text_; }

 private:
  MetricsPage& head(std::string_view name, std::string_view type, std::string_view help);
  void line(std::string_view name, Labels labels, double value);

  std::string name_;  // of the family
  std::string text_;
};

}  // namespace nexus
