// The page of metrics as `nexusctl top` reads it, and what it makes of two of them.
#include "cli/commands/metrics_text.hpp"

#include "cli/engine/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using nexus::Json;

namespace {

/// Two reads within 1 ms, two within 10 ms, and `slow` beyond a second.
std::string page(int reads, int slow, const std::string& more = {}) {
  const auto bucket = [](const std::string& bound, int count) {
    return "nexus_http_request_seconds_bucket{kind=\"read\",le=\"" + bound + "\"} " + std::to_string(count) + "\n";
  };
  return "# HELP nexus_http_requests_total Answered\n# TYPE nexus_http_requests_total counter\n"
         "nexus_http_requests_total{method=\"GET\",route=\"/livez\",status=\"2xx\"} " +
         std::to_string(reads) + "\n" + bucket("0.001", reads / 2) + bucket("0.01", reads - slow) +
         bucket("+Inf", reads) + more;
}

Json between(const std::string& before, const std::string& after, double seconds = 2) {
  return activity_between(parse_metrics(before), parse_metrics(after), seconds);
}

}  // namespace

TEST_CASE("a page of metrics is read: labels, escapes, times, comments") {
  const Metrics metrics = parse_metrics(
      "# HELP a Help\n"
      "a 1\n"
      "b{x=\"1\",y=\"a\\\"b\\\\c\"} 2.5e3 1700000000000\n"
      "c{} +Inf\n\n");
  REQUIRE(metrics.size() == 3);
  CHECK(metrics[0].name == "a");
  CHECK(metrics[1].labels.at("y") == "a\"b\\c");
  CHECK(metrics[1].value == 2500);
  CHECK(metrics[2].labels.empty());
}

TEST_CASE("what is no page of metrics is told, with the exit code of a strange answer") {
  for (const char* wrong : {"", "<html></html>", "a", "a{x=\"1\" 2", "a{x=1} 2", "a x", "# only a comment\n"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_metrics(wrong), Failure);
  }
}

TEST_CASE("rates are what was counted in between, a second") {
  const Json record = between(page(10, 0), page(30, 0));
  CHECK(record.at("requests").at("per_second") == 10.0);
  CHECK(record.at("requests").at("2xx") == 10.0);
  CHECK(record.at("requests").at("5xx") == 0.0);
  CHECK(record.at("routes") == Json::array({{{"route", "GET /livez"}, {"per_second", 10.0}}}));
  CHECK(between(page(10, 0), page(10, 0)).at("routes").empty());
}

TEST_CASE("a daemon that began anew counts from nothing") {
  CHECK(between(page(1000, 0), page(4, 0)).at("requests").at("per_second") == 2.0);
}

TEST_CASE("quantiles are linear within a bucket, and those of the time in between alone") {
  const Json record = between(page(0, 0), page(4, 0));
  CHECK(record.at("read_ms").at("p50") == 1.0);
  CHECK(record.at("read_ms").at("p99") == 9.82);
  CHECK(record.at("write_ms").at("p99").is_null());
  CHECK(between(page(4, 0), page(4, 0)).at("read_ms").at("p50").is_null());
  // Beyond the last bound nothing is known but the bound.
  CHECK(between(page(0, 0), page(4, 2)).at("read_ms").at("p99") == 10.0);
}

TEST_CASE("a quantile is that of all routes together, each with buckets of its own") {
  const auto of = [](const std::string& route, const std::string& bound, int count) {
    return "nexus_http_request_seconds_bucket{kind=\"read\",method=\"GET\",route=\"" + route + "\",le=\"" + bound +
           "\"} " + std::to_string(count) + "\n";
  };
  const std::string before = of("/a", "0.001", 0) + of("/a", "0.01", 0) + of("/a", "+Inf", 0);
  const std::string after = of("/a", "0.001", 2) + of("/a", "0.01", 2) + of("/a", "+Inf", 2) + of("/b", "0.001", 0) +
                            of("/b", "0.01", 2) + of("/b", "+Inf", 2);
  const Json record = between(before, after);
  CHECK(record.at("read_ms").at("p50") == 1.0);
  CHECK(record.at("read_ms").at("p99") == 9.82);
}

TEST_CASE("the writer, streams, memory and time are told; what a daemon does not count is null") {
  const std::string before =
      "nexus_writer_units_total 10\nnexus_writer_batches_total 5\nnexus_writer_queue_units 0\n"
      "process_cpu_seconds_total 1\n";
  const std::string after =
      "nexus_writer_units_total 40\nnexus_writer_batches_total 15\nnexus_writer_queue_units 7\n"
      "nexus_streams_open{transport=\"sse\"} 3\nnexus_streams_open{transport=\"websocket\"} 4\n"
      "process_resident_memory_bytes 1.5e7\nprocess_cpu_seconds_total 2\n";
  const Json record = between(page(0, 0, before), page(0, 0, after));
  CHECK(record.at("writer") ==
        Json{{"queue", 7}, {"units_per_second", 15.0}, {"groups_per_second", 5.0}, {"units_per_group", 3.0}});
  CHECK(record.at("streams").at("websocket") == 4);
  CHECK(record.at("memory").at("resident_bytes") == 15'000'000);
  CHECK(record.at("memory").at("answers_bytes").is_null());
  CHECK(record.at("cpu_percent") == 50.0);
  CHECK(between(page(0, 0), page(0, 0)).at("cpu_percent").is_null());
  const auto used = [](const char* seconds) {
    return page(0, 0, std::string("process_cpu_seconds_total ") + seconds + "\n");
  };
  CHECK(between(used("1"), used("1.0154")).at("cpu_percent") == 0.8);
}

TEST_CASE("refusals: those of now first, then the most frequent ones") {
  const std::string before = "nexus_refusals_total{code=\"a\"} 9\nnexus_refusals_total{code=\"b\"} 1\n";
  const std::string after =
      "nexus_refusals_total{code=\"a\"} 9\nnexus_refusals_total{code=\"b\"} 5\nnexus_refusals_total{code=\"c\"} 2\n";
  const Json refusals = between(page(0, 0, before), page(0, 0, after)).at("refusals");
  REQUIRE(refusals.size() == 3);
  CHECK(refusals[0] == Json{{"code", "b"}, {"per_second", 2.0}, {"total", 5}});
  CHECK(refusals[1].at("code") == "c");
  CHECK(refusals[2] == Json{{"code", "a"}, {"per_second", 0.0}, {"total", 9}});
}
