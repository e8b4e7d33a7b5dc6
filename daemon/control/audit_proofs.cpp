// The whole chain as an answer: exported, or verified. Both are pulled by the session on a thread that may block, a
// page and a snapshot at a time, so that a log of any length holds neither memory nor the write-ahead log.
#include "daemon/audit/export.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/control/audit.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::control {
namespace {

namespace schema = http::schema;

constexpr std::int64_t kExportRows = 500;
constexpr std::int64_t kVerifyRows = 5000;
constexpr int kPagesOfSilence = 100;  // then a line break tells the client that somebody still works

audit::RowView view_of(const store::AuditRowView& row) {
  return {row.seq, row.body, row.details, row.prev_hash, row.hash};
}

struct Export {
  store::Database& database;
  store::AuditScan scan;
  audit::Verifier::Chain chain;
  audit::PublicKey key;
  std::int64_t rows = 0;
  std::string head;
  bool begun = false;

  bool pull(std::string& out) {
    if (!begun) {
      append_header_line(out, chain, key);
      head = audit::genesis_hash(chain.instance_id, chain.tenant, chain.env);
      begun = true;
    }
    const auto take_row = [&](const store::AuditRowView& row) {
      append_row_line(out, view_of(row));
      rows = row.seq;
      head = row.hash;
    };
    const auto take_note = [&](const store::AuditNote& note) { audit::append_note_line(out, note.note); };
    auto lease = database.read();
    if (scan.page(lease.reader(), kExportRows, take_row, take_note)) return true;
    audit::append_end_line(out, rows, head);
    return false;
  }
};

struct Verdict {
  store::Database& database;
  store::AuditScan scan;
  audit::Verifier::Chain chain;
  audit::PublicKey key;
  audit::Verifier verifier;
  int pages = 0;

  bool pull(std::string& out) {
    const auto take_row = [&](const store::AuditRowView& row) {
      const std::string at = to_rfc3339(row.at);
      const audit::RowColumns columns{at, row.action, row.actor, row.result, row.trace_id};
      verifier.row(view_of(row), &columns);
    };
    const auto take_note = [&](const store::AuditNote& note) { verifier.note(note.note); };
    auto lease = database.read();
    if (scan.page(lease.reader(), kVerifyRows, take_row, take_note)) {
      if (++pages % kPagesOfSilence == 0) out = "\n";
      return true;
    }
    // The stored head is of the same snapshot as the last page.
    const auto head = store::find_audit_head(lease.reader(), chain.tenant, chain.env);
    if (head)
      verifier.end(head->seq, head->hash);
    else
      verifier.end(0, audit::genesis_hash(chain.instance_id, chain.tenant, chain.env));
    out = to_text(json(verifier.finish()));
    return false;
  }

  Json json(const audit::Report& report) const {
    Json findings = Json::array();
    for (const auto& finding : report.findings)
      findings.push_back({{"kind", audit::to_string(finding.fault)}, {"seq", finding.seq}});
    return {{"ok", report.ok()},
            {"tenant_id", chain.tenant},
            {"env", chain.env},
            {"rows", report.rows},
            {"head", report.head},
            {"checkpoints", report.notes},
            {"checkpointed_rows", report.signed_rows},
            {"findings", findings},
            {"findings_total", report.findings_total},
            {"checkpoint_key", key.text()}};
  }
};

audit::Verifier::Chain chain_of(const AuditServices& services, const Caller& caller) {
  return {services.checkpoints.instance_id(), caller.tenant().str(), std::string(to_string(caller.env()))};
}

template <class Work>
http::Reply pulled(std::shared_ptr<Work> work, std::string content_type) {
  http::Reply reply;
  reply.content_type = std::move(content_type);
  reply.stream = [work](std::string& out) { return work->pull(out); };
  return reply;
}

}  // namespace

http::Reply audit_export(const AuditServices& services, const Caller& caller) {
  const auto chain = chain_of(services, caller);
  return pulled(std::make_shared<Export>(Export{
                    services.database, {chain.tenant, chain.env}, chain, services.checkpoints.key(), 0, {}, false}),
                "application/x-ndjson");
}

http::Reply audit_verdict(const AuditServices& services, const Caller& caller) {
  const auto chain = chain_of(services, caller);
  const auto& key = services.checkpoints.key();
  return pulled(
      std::shared_ptr<Verdict>(new Verdict{services.database, {chain.tenant, chain.env}, chain, key, {chain, key}, 0}),
      "application/json");
}

Json audit_verdict_schema() {
  const Json count = {{"type", "integer"}, {"minimum", 0}};
  return schema::object(
      {"ok", "tenant_id", "env", "rows", "head", "checkpoints", "checkpointed_rows", "findings", "findings_total",
       "checkpoint_key"},
      {{"ok", schema::boolean()},
       {"tenant_id", schema::text()},
       {"env", schema::text()},
       {"rows", count},
       {"head", schema::sha256()},
       {"checkpoints", count},
       {"checkpointed_rows", count},
       {"findings", schema::list(schema::object({"kind", "seq"}, {{"kind", schema::text()}, {"seq", count}}))},
       {"findings_total", count},
       {"checkpoint_key", schema::text()}});
}

}  // namespace nexus::control
