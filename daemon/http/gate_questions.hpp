// How the dispatcher asks the gates: which question a request is, and what follows from the answer. Only properties of
// the route, of its caller, or of what its body names decide here. No action and no route is known by name.
//
// Threads: any.
#pragma once
#include <optional>

#include "daemon/gates/decision.hpp"
#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// The gates' decision, and the tenant whose documents they judged by, where it is not the exchange's own.
struct Judgement {
  gates::Decision decision;
  std::optional<TenantId> tenant = {};
};

class GateQuestions {
 public:
  explicit GateQuestions(gates::Strictness strict) : strict_(std::move(strict)) {}

  /// The caller must outlive the question.
  gates::Question of(const Route& route, const Caller& caller) const;
  gates::Question of(const Exchange& exchange) const { return of(*exchange.route, exchange.caller); }
  gates::Question of(const Exchange& exchange, const Write& write) const;

  /// The decision that refuses, or the last one where the gates let pass. Nothing where only the caller was judged.
  std::optional<Judgement> judge(const store::Reader& reader, const Exchange& exchange, const Write& write) const;
  /// Judges by the kill switches alone an act of `route` that is done over a stream without a request of its own.
  gates::Decision judge_switches(const store::Reader& reader, const Route& route, const Caller& caller) const;
  /// Whether a kill switch names the caller, whatever the request.
  bool is_stopped(const store::Reader& reader, const Exchange& exchange) const;

 private:
  gates::Strictness strict_;
};

}  // namespace nexus::http
