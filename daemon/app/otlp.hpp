// Sends spans to a collector: OTLP over HTTP, JSON encoding, POST {endpoint}/v1/traces (OpenTelemetry Protocol 1.3,
// section "OTLP/HTTP"). A span waits in a bounded queue; a thread of its own sends what waits, in batches. Whoever
// hands over a span waits for nobody: without room it is dropped. A batch that the collector does not take is dropped,
// not sent again: a late trace is of little use, and memory is bounded. What is dropped is counted.
//
// Refused: gRPC and protobuf, which need libraries that nothing else here needs.
//
// Threads: any.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/base/span.hpp"

namespace nexus::app {

/// The body of one request (ExportTraceServiceRequest).
Json export_of(const std::vector<Span>& spans, const std::string& instance_id);

class OtlpExporter : public SpanSink {
 public:
  /// `endpoint`: `http://host[:port]`.
  OtlpExporter(std::string endpoint, std::string instance_id);
  /// Sends what waits, for at most a second.
  ~OtlpExporter() override;

  void take(Span span) noexcept override;
  /// Prometheus text.
  std::string metrics_text() const;

 private:
  void run();
  std::vector<Span> next_batch();
  void send(std::vector<Span> batch);
  void note(const std::string& trouble);

  const std::string endpoint_, instance_id_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, ended_;
  std::vector<Span> waiting_;
  bool stopping_ = false, has_ended_ = false;
  std::string trouble_;  // of the last batch; used by the thread alone
  std::atomic<std::uint64_t> sent_{0}, no_room_{0}, not_taken_{0};
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace nexus::app
