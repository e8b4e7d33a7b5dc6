// The whole chain as an answer: exported, or verified. The session pulls both on a thread that may block, a page and a
// snapshot at a time. So a log of any length holds neither memory nor the write-ahead log.
#include "daemon/audit_log/proofs.hpp"

#include "daemon/audit/export.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/log.hpp"

namespace nexus::audit_log {
namespace {

namespace schema = http::schema;

constexpr std::int64_t kExportRows = 500;
constexpr std::int64_t kVerifyRows = 5000;
constexpr int kPagesOfSilence = 100;  // then a line break shows the client that the daemon still works

audit::RowView view_of(const store::AuditRowView& row) {
  return {row.seq, row.body, row.details, row.prev_hash, row.hash};
}

/// All keys that signed notes here, oldest first.
std::vector<audit::PublicKey> keys_of(const store::Reader& reader, const audit::Checkpoints& checkpoints) {
  auto keys = audit::list_checkpoint_keys(reader);
  if (keys.empty() || keys.back().text() != checkpoints.key().text()) keys.push_back(checkpoints.key());
  return keys;
}

struct Export {
  store::Database& database;
  audit::Checkpoints& checkpoints;
  audit::Verifier::Chain chain;
  store::AuditScan scan;
  std::int64_t rows = 0;
  std::string head = audit::genesis_hash(chain.instance_id, chain.realm());
  bool begun = false;

  /// The export ends at its last note, so that every row of it is signed. Where the store takes no note, an export is
  /// worth more than nothing: the client sees which rows no note signs.
  void sign() {
    try {
      if (const auto last = checkpoints.cover(chain.realm())) scan.end_at(*last);
    } catch (const std::exception& error) {
      log::warn("an export goes on without a checkpoint of its own", {{"cause", error.what()}});
    }
  }
  bool pull(std::string& out) {
    if (!begun) sign();
    auto lease = database.read();
    if (!begun) append_header_line(out, chain, keys_of(lease.reader(), checkpoints));
    begun = true;
    const auto take_row = [&](const store::AuditRowView& row) {
      append_row_line(out, view_of(row));
      rows = row.seq;
      head = row.hash;
    };
    const auto take_note = [&](const store::AuditNote& note) { audit::append_note_line(out, note.note); };
    if (scan.page(lease.reader(), kExportRows, take_row, take_note)) return true;
    audit::append_end_line(out, rows, head);
    return false;
  }
};

struct Verdict {
  store::Database& database;
  audit::Checkpoints& checkpoints;
  audit::Verifier::Chain chain;
  store::AuditScan scan;
  std::optional<audit::Verifier> verifier = {};
  int pages = 0;

  bool pull(std::string& out) {
    auto lease = database.read();
    if (!verifier) verifier.emplace(chain, audit::Keys{.known = keys_of(lease.reader(), checkpoints)});
    const auto take_row = [&](const store::AuditRowView& row) {
      const std::string at = to_rfc3339(row.at);
      const audit::RowColumns columns{at, row.action, row.actor, row.result, row.trace_id};
      verifier->row(view_of(row), &columns);
    };
    const auto take_note = [&](const store::AuditNote& note) { verifier->note(note.note); };
    if (scan.page(lease.reader(), kVerifyRows, take_row, take_note)) {
      if (++pages % kPagesOfSilence == 0) out = "\n";
      return true;
    }
    // The stored head is of the same snapshot as the last page.
    const auto head = store::find_audit_head(lease.reader(), chain.realm());
    if (head)
      verifier->end(head->seq, head->hash);
    else
      verifier->end(0, audit::genesis_hash(chain.instance_id, chain.realm()));
    out = to_text(json(verifier->finish()));
    return false;
  }

  Json json(const audit::Report& report) const {
    Json findings = Json::array();
    for (const auto& finding : report.findings)
      findings.push_back({{"kind", audit::to_string(finding.fault)}, {"seq", finding.seq}});
    Json json = audit::report_json(chain, report);
    json["findings"] = std::move(findings);
    json["checkpoint_key"] = checkpoints.key().text();
    return json;
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
  return pulled(
      std::make_shared<Export>(Export{services.database, services.checkpoints, chain, store::AuditScan(chain.realm())}),
      "application/x-ndjson");
}

http::Reply audit_verdict(const AuditServices& services, const Caller& caller) {
  const auto chain = chain_of(services, caller);
  return pulled(std::shared_ptr<Verdict>(
                    new Verdict{services.database, services.checkpoints, chain, store::AuditScan(chain.realm())}),
                "application/json");
}

Json audit_verdict_schema() {
  const Json count = {{"type", "integer"}, {"minimum", 0}};
  return schema::named(
      "AuditVerification",
      schema::whole(
          {{"ok", schema::boolean()},
           {"tenant_id", schema::text()},
           {"env", schema::text()},
           {"rows", count},
           {"head", schema::sha256()},
           {"checkpoints", count},
           {"checkpointed_rows", count},
           {"findings", schema::list(schema::whole({{"kind", schema::text()}, {"seq", count}}))},
           {"findings_total", count},
           {"signers", schema::list(schema::whole(
                           {{"key", schema::text()}, {"rows", count}, {"replaces_lost", schema::boolean()}}))},
           {"checkpoint_key", schema::text()}}));
}

}  // namespace nexus::audit_log
