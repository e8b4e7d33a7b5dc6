// Routes of the audit log: query, show, verify, export, checkpoint and erasure. The live tail is in daemon/rails.
//
// An export and a verification are the whole chain as an answer. The session pulls both on a thread that may block, a
// page and a snapshot at a time. So a log of any length holds neither memory nor the write-ahead log.
#include <charconv>

#include "daemon/audit/checkpoints.hpp"
#include "daemon/audit/digest.hpp"
#include "daemon/audit/export.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/audit_log/problems.hpp"
#include "daemon/domain/audit_row_json.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "daemon/log.hpp"

namespace nexus::audit_log {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::AuditRow;
namespace schema = http::schema;

/// Both must outlive the routes: an export reads page by page long after its handler returned.
struct AuditServices {
  store::Database& database;
  audit::Checkpoints& checkpoints;
};

// ---- the whole chain ----------------------------------------------------------------------------------------------

constexpr std::int64_t kExportRows = 500;
constexpr std::int64_t kVerifyRows = 5000;
constexpr int kPagesOfSilence = 100;  // then a line break shows the client that the daemon still works

/// All keys that signed notes here, oldest first.
std::vector<audit::PublicKey> keys_of(const store::Reader& reader, const audit::Checkpoints& checkpoints) {
  auto keys = audit::list_checkpoint_keys(reader);
  if (keys.empty() || keys.back().text() != checkpoints.key().text()) keys.push_back(checkpoints.key());
  return keys;
}

/// A chain that is read page by page.
struct Walk {
  Walk(const AuditServices& services, const Caller& caller)
      : database(services.database),
        checkpoints(services.checkpoints),
        chain{checkpoints.instance_id(), caller.tenant().str(), std::string(to_string(caller.env()))},
        scan(chain.realm()) {}

  store::Database& database;
  audit::Checkpoints& checkpoints;
  audit::Verifier::Chain chain;
  store::AuditScan scan;
};

struct Export : Walk {
  using Walk::Walk;
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
    if (!begun) audit::append_header_line(out, chain, keys_of(lease.reader(), checkpoints));
    begun = true;
    const auto take_row = [&](const store::AuditRow& row) {
      audit::append_row_line(out, row);
      rows = row.seq;
      head = row.hash;
    };
    const auto take_note = [&](const store::AuditNote& note) { audit::append_note_line(out, note.note); };
    if (scan.page(lease.reader(), kExportRows, take_row, take_note)) return true;
    audit::append_end_line(out, rows, head);
    return false;
  }
};

struct Verdict : Walk {
  using Walk::Walk;
  std::optional<audit::Verifier> verifier = {};
  int pages = 0;

  bool pull(std::string& out) {
    auto lease = database.read();
    if (!verifier) verifier.emplace(chain, audit::Keys{.known = keys_of(lease.reader(), checkpoints)});
    const auto take_row = [&](const store::AuditRow& row) { verifier->row(row, audit::Source::table); };
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

/// The answer that pulls such a walk.
template <class Work>
auto pulled(const AuditServices& services, std::string content_type) {
  return [services, content_type](const store::Reader&, const Caller& caller) {
    Reply reply;
    reply.content_type = content_type;
    reply.stream = [work = std::make_shared<Work>(services, caller)](std::string& out) { return work->pull(out); };
    return reply;
  };
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
           {"restores", schema::list(schema::whole({{"row", count},
                                                    {"backup_id", schema::text()},
                                                    {"restored_at", schema::time()},
                                                    {"made_at", schema::nullable(schema::time())}}))},
           {"signers", schema::list(schema::whole(
                           {{"key", schema::text()}, {"rows", count}, {"replaces_lost", schema::boolean()}}))},
           {"checkpoint_key", schema::text()}}));
}

// ---- rows, checkpoints, erasure -----------------------------------------------------------------------------------

struct Search {
  store::AuditFilter filter;
  store::TimeRange range;
  http::Page page;
};

Search parse_search(Input& input) {
  Search search;
  search.filter.action = input.query.optional_name("action", {.min = 1, .max = 64});
  search.filter.actor = input.query.optional_name("actor", {.min = 1, .max = 128});
  search.filter.result = input.query.optional_choice("result", {"PASS", "BLOCK"});
  search.filter.trace_id = input.query.optional_text("trace_id", {.min = 1, .max = 128});
  search.filter.token = input.query.optional_text("token_id", {.min = 1, .max = 128});
  search.filter.request_id = input.query.optional_text("request_id", {.min = 1, .max = 128});
  search.filter.run_id = input.query.optional_text("run_id", {.min = 1, .max = 128});
  search.range = http::take_time_range(input);
  search.page = http::take_page(input, "audit");
  search.filter.before = http::number_of_mark(search.page.mark);
  return search;
}

/// Reads the seq of a path: anything but a positive number is not a row.
std::int64_t seq_of(const Input& input) {
  const std::string& text = input.param("seq");
  std::int64_t seq = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool number = error == std::errc() && stop == text.data() + text.size() && text.front() != '0' && seq > 0;
  if (!number) throw Problem(problems::audit_row_not_found);
  return seq;
}

Reply list(const store::Reader& reader, const Caller& caller, Search search) {
  const Realm realm = caller.realm();
  const auto& [since, until] = search.range;
  if (since) search.filter.first = store::audit_seq_at(reader, realm, *since);
  if (until) {
    const std::int64_t end = store::audit_seq_at(reader, realm, *until);
    search.filter.before = search.filter.before == 0 ? end : std::min(search.filter.before, end);
  }
  return {.json = http::page_json<AuditRow>(
              search.page, store::find_audit_rows(reader, realm, search.filter, search.page.limit + 1),
              domain::audit_row_json, [](const AuditRow& row) { return std::to_string(row.seq); })};
}

AuditRow find(const store::Reader& reader, const Caller& caller, std::int64_t seq) {
  return found(store::find_audit_row(reader, caller.realm(), seq), problems::audit_row_not_found);
}

Applied checkpoint(store::Tx& tx, const Caller& caller, const audit::Checkpoints& checkpoints) {
  const auto note = checkpoints.note_chain(tx, caller.realm());
  return {.json = {{"tenant_id", caller.tenant().str()},
                   {"env", to_string(caller.env())},
                   {"size", note.size},
                   {"time", to_rfc3339(note.at)},
                   {"note", note.note},
                   {"checkpoint_key", checkpoints.key().text()}},
          .subject_type = "audit_checkpoint",
          .subject_id = std::to_string(note.size),
          .details = {{"size", note.size}, {"note_sha256", sha256_hex(note.note)}}};
}

struct Erasure {
  std::int64_t seq = 0;
  std::string reason;
};

Json erasure_json(std::int64_t seq) { return {{"seq", seq}, {"erased", true}}; }

std::optional<http::Repeat> erased_before(const store::Reader& reader, const Caller& caller, const Erasure& value) {
  const auto row = store::find_audit_row(reader, caller.realm(), value.seq);
  if (!row || row->details) return std::nullopt;
  const Json subject = {{"id", std::to_string(value.seq)}, {"type", "audit_row"}};
  const auto before = store::find_audit_seq(reader, row->realm(), "audit_erase", "\"subject\":" + canonical(subject));
  return http::Repeat{
      .audit_seq = before.value_or(value.seq), .subject_type = "audit_row", .subject_id = std::to_string(value.seq)};
}

Json render_erasure(const store::Reader&, const Caller&, const std::string& seq) {
  return erasure_json(std::stoll(seq));
}

Applied erase(store::Tx& tx, const Caller& caller, const Erasure& value) {
  const AuditRow row = find(tx, caller, value.seq);
  store::erase_audit_details(tx, row.realm(), value.seq);
  return {.json = erasure_json(value.seq),
          .subject_type = "audit_row",
          .subject_id = std::to_string(value.seq),
          .details = {{"seq", value.seq}, {"reason", value.reason}},
          .status = 200};
}

Json note_schema() {
  return schema::named("AuditCheckpoint", schema::whole({{"tenant_id", schema::text()},
                                                         {"env", schema::text()},
                                                         {"size", {{"type", "integer"}, {"minimum", 0}}},
                                                         {"time", schema::time()},
                                                         {"note", schema::text()},
                                                         {"checkpoint_key", schema::text()}}));
}

std::vector<http::QueryParameter> search_parameters() {
  std::vector<http::QueryParameter> out = {
      {"action", "Only rows of this action", schema::name(64)},
      {"actor", "Only rows of this user, or system", schema::name(128)},
      {"result", "Only rows of this result", schema::choice({"PASS", "BLOCK"})},
      {"trace_id", "Only rows of this trace", schema::text_between(1, 128)},
      {"token_id", "Only rows of this token, or root", schema::text_between(1, 128)},
      {"request_id", "Only rows of this request", schema::text_between(1, 128)},
      {"run_id", "Only rows of this run", schema::text_between(1, 128)}};
  std::ranges::move(http::time_range_parameters("rows"), std::back_inserter(out));
  return out;
}

void add_reads(http::RouteTable& routes, const http::Surface& surface, const AuditServices& services) {
  const auto show = [](const store::Reader& reader, const Caller& caller, std::int64_t seq) {
    return Reply{.json = domain::audit_row_json(find(reader, caller, seq))};
  };
  routes.add(surface.list("/audit", http::reads(parse_search, list),
                          {.summary = "Query the audit log, newest first",
                           .response = domain::audit_row_schema(),
                           .query = search_parameters()}));
  routes.add(surface.show("/audit/{seq}", http::reads(seq_of, show),
                          {.summary = "Show an audit row", .response = domain::audit_row_schema()}));
  routes.add(
      surface.get("/audit/verify", http::reads(pulled<Verdict>(services, "application/json")),
                  {.summary = "Verify the chain, its tree and its checkpoints", .response = audit_verdict_schema()}));
  routes.add(surface.get(
      "/audit/export", http::reads(pulled<Export>(services, "application/x-ndjson")),
      {.summary = "Export the audit log as NDJSON, oldest first, with checkpoints; the last one is made for it",
       .particular = "Each line is one JSON document; an export without a last line of type end was cut.",
       .content_type = "application/x-ndjson"}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& given) {
  routes.describe("audit", "The audit log: rows, export, verification, checkpoints");
  const AuditServices services{given.database, given.checkpoints};
  http::Surface surface{.name = "audit",
                        .read_action = "audit_read",
                        .reads = Role::admin,
                        .writes = Role::admin,
                        .policy = gates::Policy::audited,
                        .effects = {http::Urgency::stops, http::EndsStreams::no, http::Repairs::no, Direction::none}};
  add_reads(routes, surface, services);
  const auto catch_up = [services](store::Database&, const Caller& caller, int) {
    services.checkpoints.catch_up(caller.realm());
    return 0;
  };
  const auto sign = [services](store::Tx& tx, const Caller& caller, int, int) {
    return checkpoint(tx, caller, services.checkpoints);
  };
  routes.add(surface.create("/audit/checkpoint", "audit_checkpoint",
                            http::writes([](Input&) { return 0; }, catch_up, sign),
                            {.summary = "Sign the audit log as it stands", .response = note_schema()}));
  const auto parse_erasure = [](Input& input) {
    return Erasure{seq_of(input), input.body.text("reason", {.min = 1, .max = 500})};
  };
  surface.writes = Role::owner;
  surface.policy = gates::Policy::control;
  surface.effects = http::own_rows_alone(Direction::tightens);
  routes.add(surface.act(
      "/audit/{seq}/erase", "audit_erase",
      http::repeatable(parse_erasure, erased_before, render_erasure,
                       [](auto parse) { return http::writes(parse, erase); }),
      {.summary = "Erase the details of an audit row, for privacy; the erasure is a row itself",
       .request = schema::named("AuditErase", schema::whole({{"reason", schema::text_between(1, 500)}})),
       .response = schema::named("AuditErasure", schema::whole({{"seq", {{"type", "integer"}, {"minimum", 1}}},
                                                                {"erased", schema::boolean()}})),
       .refusals = {404}}));
}

}  // namespace nexus::audit_log
