#include "daemon/app/s3_metrics.hpp"

#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "daemon/base/span.hpp"

namespace nexus::app {
namespace {

/// A call without an answer has the result "none".
std::string result_of(int status) { return status == 0 ? "none" : std::to_string(status / 100) + "xx"; }

void tell_call(const SpanContext& request, const blobs::S3Report& report) {
  const Micros now = now_micros();
  Span span{.context = request.child(),
            .kind = Span::Kind::client,
            .name = "S3 " + std::string(report.method),
            .begun = now - report.took.count(),
            .ended = now,
            .failed = report.status == 0 || report.status >= 500,
            .attributes = {{"http.request.method", std::string(report.method)}}};
  if (report.status != 0) span.attributes.emplace_back("http.response.status_code", std::int64_t{report.status});
  request.sink->take(std::move(span));
}

}  // namespace

struct S3Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("nexus_s3_call_seconds")
          .Help("Time of a call to the S3 server with all of its tries, by method and class of its status")
          .Register(registry);
};

S3Metrics::S3Metrics() : families_(std::make_unique<Families>()) {}
S3Metrics::~S3Metrics() = default;

void S3Metrics::take(const blobs::S3Report& report) {
  static const prometheus::Histogram::BucketBoundaries buckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
  families_->seconds.Add({{"method", std::string(report.method)}, {"result", result_of(report.status)}}, buckets)
      .Observe(std::chrono::duration<double>(report.took).count());
  if (const SpanContext* request = current_span()) tell_call(*request, report);
}

std::string S3Metrics::text() const { return prometheus::TextSerializer().Serialize(families_->registry.Collect()); }

}  // namespace nexus::app
