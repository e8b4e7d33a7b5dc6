#include "cli/commands/metrics_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "cli/engine/failure.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kRoutesShown = 10;

// ---- the format ----------------------------------------------------------------------------------------------------

[[noreturn]] void refuse_line(std::string_view line) {
  throw Failure(Exit::server_error, "the answer is no page of metrics: \"" + std::string(line.substr(0, 60)) +
                                        "\"; is that a Nexus daemon?");
}

double metric_number(std::string_view text, std::string_view line) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse_line(line);
  return value;
}

/// Takes `name="value"` off the front. Inside a value, a backslash, a quote and a line end are escaped.
std::pair<std::string, std::string> take_label(std::string_view& rest, std::string_view line) {
  const auto begin = rest.find("=\"");
  if (begin == std::string_view::npos) refuse_line(line);
  std::string name(trim_ascii(rest.substr(0, begin))), value;
  rest.remove_prefix(begin + 2);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    value += rest.front();
    rest.remove_prefix(1);
  }
  if (rest.empty()) refuse_line(line);
  rest.remove_prefix(1);
  if (rest.starts_with(',')) rest.remove_prefix(1);
  return {std::move(name), std::move(value)};
}

Metric parse_line(std::string_view line) {
  Metric metric;
  const auto end = line.find_first_of("{ ");
  if (end == std::string_view::npos || end == 0) refuse_line(line);
  metric.name = line.substr(0, end);
  std::string_view rest = line.substr(end);
  if (rest.front() == '{') {
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '}') metric.labels.insert(take_label(rest, line));
    if (rest.empty()) refuse_line(line);
    rest.remove_prefix(1);
  }
  rest = trim_ascii(rest);
  metric.value = metric_number(rest.substr(0, rest.find(' ')), line);
  return metric;
}

// ---- what happened between two pages -------------------------------------------------------------------------------

using Labels = std::map<std::string, std::string>;

bool has(const Metric& metric, std::string_view name, const Labels& labels) {
  return metric.name == name && std::ranges::all_of(labels, [&](const auto& label) {
           const auto found = metric.labels.find(label.first);
           return found != metric.labels.end() && found->second == label.second;
         });
}

double sum_named(const Metrics& metrics, std::string_view name, const Labels& labels = {}) {
  double sum = 0;
  for (const Metric& metric : metrics)
    if (has(metric, name, labels)) sum += metric.value;
  return sum;
}

std::optional<double> find_value(const Metrics& metrics, std::string_view name, const Labels& labels = {}) {
  for (const Metric& metric : metrics)
    if (has(metric, name, labels)) return metric.value;
  return std::nullopt;
}

double to_hundredths(double value) { return std::round(value * 100) / 100; }

/// A gauge; null where the daemon has none.
Json gauge(const Metrics& metrics, std::string_view name, const Labels& labels = {}) {
  const auto value = find_value(metrics, name, labels);
  return value ? Json(static_cast<std::int64_t>(*value)) : Json();
}

struct Between {
  const Metrics& before;
  const Metrics& after;
  double seconds;

  double growth(std::string_view name, const Labels& labels = {}) const {
    const double now = sum_named(after, name, labels), then = sum_named(before, name, labels);
    return now < then ? now : now - then;
  }
  double rate(std::string_view name, const Labels& labels = {}) const {
    return to_hundredths(seconds > 0 ? growth(name, labels) / seconds : 0);
  }
};

/// Processor time in percent of one processor, to tenths.
double cpu_percent(const Between& between) {
  if (between.seconds <= 0) return 0;
  return std::round(1000 * between.growth("process_cpu_seconds_total") / between.seconds) / 10;
}

/// Milliseconds within which this share of the requests of a kind was answered.
Json quantile(const Between& between, const std::string& kind, double share) {
  const std::string name = "nexus_http_request_seconds_bucket";
  std::set<std::string> bounds;  // each once, of however many routes
  for (const Metric& metric : between.after)
    if (const auto bound = metric.labels.find("le");
        bound != metric.labels.end() && has(metric, name, {{"kind", kind}}))
      bounds.insert(bound->second);
  std::vector<std::pair<double, double>> buckets;  // upper bound, requests up to it
  for (const std::string& bound : bounds)
    buckets.emplace_back(metric_number(bound, name), between.growth(name, {{"kind", kind}, {"le", bound}}));
  std::ranges::sort(buckets);
  if (buckets.empty() || buckets.back().second <= 0) return nullptr;
  const double rank = share * buckets.back().second;
  double below = 0, counted = 0;
  for (const auto& [bound, count] : buckets) {
    if (count >= rank && std::isinf(bound)) return to_hundredths(below * 1000);
    if (count >= rank) return to_hundredths((below + (bound - below) * (rank - counted) / (count - counted)) * 1000);
    below = bound;
    counted = count;
  }
  return nullptr;
}

Json latency(const Between& between, const std::string& kind) {
  return {{"p50", quantile(between, kind, 0.5)}, {"p99", quantile(between, kind, 0.99)}};
}

Json requests(const Between& between) {
  const std::string name = "nexus_http_requests_total";
  Json out = {{"per_second", between.rate(name)}};
  for (const char* status : {"2xx", "3xx", "4xx", "5xx"}) out[status] = between.rate(name, {{"status", status}});
  return out;
}

Json writer(const Between& between) {
  const double groups = between.growth("nexus_writer_batches_total");
  const double units = between.growth("nexus_writer_units_total");
  return {{"queue", gauge(between.after, "nexus_writer_queue_units")},
          {"units_per_second", between.rate("nexus_writer_units_total")},
          {"groups_per_second", between.rate("nexus_writer_batches_total")},
          {"units_per_group", groups > 0 ? Json(to_hundredths(units / groups)) : Json()}};
}

Json streams(const Between& between) {
  return {{"sse", gauge(between.after, "nexus_streams_open", {{"transport", "sse"}})},
          {"websocket", gauge(between.after, "nexus_streams_open", {{"transport", "websocket"}})},
          {"events_per_second", between.rate("nexus_stream_events_total")},
          {"slow_closes_per_second", between.rate("nexus_stream_slow_closes_total")}};
}

Json memory(const Metrics& metrics) {
  const std::string held = "nexus_http_held_bytes";
  return {{"resident_bytes", gauge(metrics, "process_resident_memory_bytes")},
          {"requests_bytes", gauge(metrics, held, {{"kind", "bodies"}})},
          {"answers_bytes", gauge(metrics, held, {{"kind", "answers"}})}};
}

/// Refusals since the daemon began, by code, those of now first.
Json refusals(const Between& between) {
  std::vector<std::tuple<double, double, std::string>> order;  // a second and in all, both negative; code
  for (const Metric& metric : between.after)
    if (const auto code = metric.labels.find("code");
        code != metric.labels.end() && metric.name == "nexus_refusals_total")
      order.emplace_back(-between.rate(metric.name, {{"code", code->second}}), -metric.value, code->second);
  std::ranges::sort(order);
  Json list = Json::array();
  for (const auto& [rate, total, code] : order)
    list.push_back({{"code", code}, {"per_second", -rate + 0.0}, {"total", static_cast<std::int64_t>(-total)}});
  return list;
}

/// The routes that are asked most, of those that are asked now.
Json routes(const Between& between) {
  std::map<std::string, double> rates;
  for (const Metric& metric : between.after) {
    if (metric.name != "nexus_http_requests_total") continue;
    const double rate = between.rate(metric.name, metric.labels);
    const auto label = [&](const char* name) {
      const auto found = metric.labels.find(name);
      return found == metric.labels.end() ? std::string() : found->second;
    };
    if (rate > 0) rates[label("method") + " " + label("route")] += rate;
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [route, rate] : rates) order.emplace_back(-rate, route);
  std::ranges::sort(order);
  Json list = Json::array();
  for (const auto& [rate, route] : order)
    if (list.size() < kRoutesShown) list.push_back({{"route", route}, {"per_second", to_hundredths(-rate)}});
  return list;
}

}  // namespace

Metrics parse_metrics(std::string_view text) {
  Metrics metrics;
  for (const std::string_view line : split(text, '\n'))
    if (!line.empty() && line.front() != '#') metrics.push_back(parse_line(line));
  if (metrics.empty()) refuse_line(text);
  return metrics;
}

Json activity_between(const Metrics& before, const Metrics& after, double seconds) {
  const Between between{before, after, seconds};
  const bool has_time = find_value(after, "process_cpu_seconds_total").has_value();
  return {{"seconds", to_hundredths(seconds)},
          {"requests", requests(between)},
          {"read_ms", latency(between, "read")},
          {"write_ms", latency(between, "write")},
          {"writer", writer(between)},
          {"streams", streams(between)},
          {"connections", gauge(after, "nexus_connections_open")},
          {"memory", memory(after)},
          {"cpu_percent", has_time ? Json(cpu_percent(between)) : Json()},
          {"routes", routes(between)},
          {"refusals", refusals(between)}};
}

}  // namespace nexus::cli
