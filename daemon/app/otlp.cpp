#include "daemon/app/otlp.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/base/insist.hpp"
#include "daemon/base/metrics_page.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/blobs/s3_connection.hpp"
#include "daemon/log.hpp"

namespace nexus::app {
namespace {

constexpr std::size_t kWaitingSpansMax = 4096;
constexpr std::size_t kBatchSpansMax = 512;
constexpr std::chrono::seconds kGatherTime{1};  // a smaller batch waits so long for more
constexpr std::chrono::seconds kSendTime{5};    // of one request
constexpr std::chrono::seconds kLastTime{1};    // for all that waits when nexusd stops
constexpr std::size_t kCollectorBytesMax = 64 * 1024;

std::string digits_of(const auto& id) { return {id.data(), id.size()}; }
std::string nanos_of(Micros at) { return std::to_string(at) + "000"; }

/// 64-bit numbers are texts in protobuf's JSON.
Json value_of(const Span::Attribute& attribute) {
  if (const auto* number = std::get_if<std::int64_t>(&attribute.second)) return {{"intValue", std::to_string(*number)}};
  return {{"stringValue", std::get<std::string>(attribute.second)}};
}

Json json_of(const std::vector<Span::Attribute>& attributes) {
  Json list = Json::array();
  for (const auto& attribute : attributes) list.push_back({{"key", attribute.first}, {"value", value_of(attribute)}});
  return list;
}

Json json_of(const Span& span) {
  Json out = {{"traceId", digits_of(span.context.trace_id)},
              {"spanId", digits_of(span.context.span_id)},
              {"name", span.name},
              {"kind", static_cast<int>(span.kind)},
              {"startTimeUnixNano", nanos_of(span.begun)},
              {"endTimeUnixNano", nanos_of(span.ended)},
              {"attributes", json_of(span.attributes)},
              {"status", Json::object()}};
  if (span.context.parent_id[0] != '\0') out["parentSpanId"] = digits_of(span.context.parent_id);
  if (span.failed) out["status"]["code"] = 2;
  return out;
}

}  // namespace

Json export_of(const std::vector<Span>& spans, const std::string& instance_id) {
  Json list = Json::array();
  for (const Span& span : spans) list.push_back(json_of(span));
  const std::vector<Span::Attribute> resource = {
      {"service.name", "nexusd"}, {"service.version", NEXUS_VERSION}, {"service.instance.id", instance_id}};
  Json scope = {{"scope", {{"name", "nexusd"}, {"version", NEXUS_VERSION}}}};
  scope["spans"] = std::move(list);
  Json of_resource = {{"resource", {{"attributes", json_of(resource)}}}};
  of_resource["scopeSpans"] = Json::array({std::move(scope)});
  Json whole = Json::object();
  whole["resourceSpans"] = Json::array({std::move(of_resource)});
  return whole;
}

OtlpExporter::OtlpExporter(std::string endpoint, std::string instance_id)
    : endpoint_(std::move(endpoint)), instance_id_(std::move(instance_id)) {
  waiting_.reserve(kWaitingSpansMax);
  thread_ = std::thread([this] {
    name_thread("otlp");
    run();
  });
}

OtlpExporter::~OtlpExporter() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
    ended_.wait_for(lock, kLastTime, [this] { return has_ended_; });
  }
  stop_.request_stop();
  thread_.join();
}

void OtlpExporter::take(Span span) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() == kWaitingSpansMax) {
      ++no_room_;
      return;
    }
    waiting_.push_back(std::move(span));
    if (waiting_.size() != 1 && waiting_.size() != kBatchSpansMax) return;  // the thread knows
  }
  wake_.notify_one();
}

void OtlpExporter::run() {
  while (true) {
    std::vector<Span> batch;
    insist([&] { batch = next_batch(); });
    if (batch.empty()) break;
    const std::size_t count = batch.size();
    try {
      send(std::move(batch));
    } catch (const std::exception& error) {  // memory is short, or libcurl refuses
      not_taken_ += count;
      note(error.what());
    }
  }
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  ended_.notify_one();
}

/// Empty when nexusd stops, and nothing waits or no time is left.
std::vector<Span> OtlpExporter::next_batch() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  wake_.wait_for(lock, kGatherTime, [this] { return stopping_ || waiting_.size() >= kBatchSpansMax; });
  const std::size_t count = stop_.stop_requested() ? 0 : std::min(kBatchSpansMax, waiting_.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Span> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

/// Each batch has a connection of its own, so that none is found dead.
void OtlpExporter::send(std::vector<Span> batch) {
  const std::string body = to_text(export_of(batch, instance_id_));
  blobs::S3Connection connection(endpoint_);
  const auto answer = connection.ask({.method = "POST",
                                      .target = "/v1/traces",
                                      .headers = {{"content-type", "application/json"}},
                                      .body = body,
                                      .answer_bytes_max = kCollectorBytesMax,
                                      .may_run_twice = false},
                                     std::chrono::steady_clock::now() + kSendTime, stop_.get_token());
  const bool taken = answer.status / 100 == 2;
  (taken ? sent_ : not_taken_) += batch.size();
  if (taken) return note({});
  note(answer.status == 0 ? std::string(answer.fault) : "status " + std::to_string(answer.status));
}

/// One line when the trouble begins or changes, and one when it ends.
void OtlpExporter::note(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  if (trouble.empty()) return log::info("the collector takes spans again", {{"endpoint", endpoint_}});
  log::warn("the collector does not take spans: they are dropped", {{"endpoint", endpoint_}, {"cause", trouble}});
}

std::string OtlpExporter::metrics_text() const {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting = waiting_.size();
  }
  MetricsPage page;
  page.gauge("nexus_otlp_waiting_spans", "Spans that wait for the collector").sample(static_cast<double>(waiting));
  page.counter("nexus_otlp_sent_spans_total", "Spans that the collector took").sample(static_cast<double>(sent_));
  page.counter("nexus_otlp_dropped_spans_total", "Spans that were dropped, by reason")
      .sample(static_cast<double>(no_room_), {{"reason", "no_room"}})
      .sample(static_cast<double>(not_taken_), {{"reason", "not_taken"}});
  return page.text();
}

}  // namespace nexus::app
