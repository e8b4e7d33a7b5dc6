#include "daemon/http/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <unordered_map>

#include "daemon/http/route.hpp"

namespace nexus::http {
namespace {

using prometheus::Counter;
using prometheus::Histogram;

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<Counter>& requests = prometheus::BuildCounter()
                                              .Name("nexus_http_requests_total")
                                              .Help("Answered requests by route and class of status")
                                              .Register(registry);
  prometheus::Family<Counter>& refusals = prometheus::BuildCounter()
                                              .Name("nexus_refusals_total")
                                              .Help("Refused requests by problem code")
                                              .Register(registry);
  prometheus::Family<Histogram>& durations = prometheus::BuildHistogram()
                                                 .Name("nexus_http_request_seconds")
                                                 .Help("Time from the parsed head to the answer, by kind of route")
                                                 .Register(registry);
  Histogram& read_seconds = durations.Add({{"kind", "read"}}, buckets());
  Histogram& write_seconds = durations.Add({{"kind", "write"}}, buckets());
  Counter& dropped_events = prometheus::BuildCounter()
                                .Name("nexus_read_events_dropped_total")
                                .Help("Events of reads that were dropped: the queue was full, or the store failed")
                                .Register(registry)
                                .Add({});
  prometheus::Family<prometheus::Gauge>& gauges =
      prometheus::BuildGauge().Name("nexus_connections_open").Help("Open connections").Register(registry);
  prometheus::Gauge& connections = gauges.Add({});
  prometheus::Family<prometheus::Gauge>& held =
      prometheus::BuildGauge()
          .Name("nexus_http_held_bytes")
          .Help("Memory of bodies that are not answered yet, and of answers that are not read yet")
          .Register(registry);
  prometheus::Gauge& held_bodies = held.Add({{"kind", "bodies"}});
  prometheus::Gauge& held_answers = held.Add({{"kind", "answers"}});

  std::mutex mutex;
  /// The counters of a route by class of status. They are kept, since a look-up by label costs a hash and a lock.
  std::unordered_map<const Route*, std::array<Counter*, 6>> routes;

  static Histogram::BucketBoundaries buckets() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
  }

  Counter& counter(const Route* route, int status) {
    // An unknown method (501) counts as the sender's fault, so that it raises no alarm about the daemon.
    const auto klass = static_cast<std::size_t>(status == 501 ? 4 : std::clamp(status / 100, 0, 5));
    const std::lock_guard lock(mutex);
    Counter*& slot = routes[route][klass];
    if (slot == nullptr)
      slot = &requests.Add({{"method", route == nullptr ? "" : route->method},
                            {"route", route == nullptr ? "none" : route->path},
                            {"status", std::to_string(klass) + "xx"}});
    return *slot;
  }
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const Route* route, int status, std::chrono::steady_clock::duration took) {
  families_->counter(route, status).Increment();
  Histogram& seconds = route != nullptr && is_mutation(*route) ? families_->write_seconds : families_->read_seconds;
  seconds.Observe(std::chrono::duration<double>(took).count());
}

void Metrics::count_refusal(std::string_view code) {
  families_->refusals.Add({{"code", std::string(code)}}).Increment();
}

void Metrics::count_dropped_events(std::size_t count) {
  families_->dropped_events.Increment(static_cast<double>(count));
}

void Metrics::set_connections(double open) { families_->connections.Set(open); }

void Metrics::set_held_bytes(double bodies, double answers) {
  families_->held_bodies.Set(bodies);
  families_->held_answers.Set(answers);
}

std::string Metrics::text(const store::WriterStats& writer) {
  std::string out = prometheus::TextSerializer().Serialize(families_->registry.Collect());
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
    out.append(type).append("\n").append(name).append(" ").append(std::to_string(value)).append("\n");
  };
  add("nexus_writer_units_total", "counter", "Units of work committed by the writer", writer.applied);
  add("nexus_writer_batches_total", "counter", "Group commits", writer.batches);
  add("nexus_writer_not_applied_total", "counter", "Units that the store could not apply", writer.not_applied);
  add("nexus_writer_queue_units", "gauge", "Units that wait for the writer", writer.queue_units);
  return out;
}

}  // namespace nexus::http
