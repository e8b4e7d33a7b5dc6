// How the dispatcher asks the gates: which question a request is, and what comes of the answer. Everything that decides
// here is a property of the route, of its caller, or of what its body names; no action and no route is known by name.
//
// Threads: any.
#pragma once
#include <optional>

#include "daemon/gates/decision.hpp"
#include "daemon/gates/strictness.hpp"
#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// What the gates refused or let pass, and the tenant by whose documents, where it is not the exchange's own.
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

  /// The decision that refuses, or the last one where the gates let pass; nothing where none but the caller was judged.
  std::optional<Judgement> judge(const store::Reader& reader, const Exchange& exchange, const Write& write) const;
  /// By the kill switches alone, as what `route` does: for what is done over a stream and is no request of its own.
  gates::Decision judge_switches(const store::Reader& reader, const Route& route, const Caller& caller) const;
  /// Whether a kill switch names who asks, whatever he asks for.
  bool is_stopped(const store::Reader& reader, const Exchange& exchange) const;

 private:
  gates::Strictness strict_;
};

}  // namespace nexus::http
