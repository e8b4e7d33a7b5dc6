#include "cli/audit_verify.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "cli/audit_database.hpp"
#include "cli/failure.hpp"
#include "cli/witness.hpp"
#include "daemon/base/file.hpp"

namespace nexus::cli {
namespace {

const Shape kVerdictShape = {"head",
                             {"ok", "tenant_id", "env", "rows", "head", "checkpoints", "checkpointed_rows", "kept_rows",
                              "findings", "proved", "not_proved"}};

/// How far the verification is, on one line that vanishes.
class Counter {
 public:
  explicit Counter(bool shown) : shown_(shown) {}
  ~Counter() {
    if (drawn_ != Clock::time_point{}) std::cerr << "\r\x1b[K" << std::flush;
  }
  void at(std::int64_t rows) {
    if (!shown_ || Clock::now() - drawn_ < std::chrono::milliseconds(200)) return;
    drawn_ = Clock::now();
    std::cerr << "\r\x1b[K" << rows << " rows verified" << std::flush;
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  Clock::time_point drawn_{};
};

std::string rows_text(std::int64_t from, std::int64_t to) {
  return from == to ? "row " + std::to_string(to) : "rows " + std::to_string(from) + " to " + std::to_string(to);
}

std::string proved_text(const audit::Report& report) {
  if (!report.ok()) return "nothing beyond the first finding";
  if (report.rows == 0) return "the log is empty";
  std::string text = rows_text(1, report.rows) + ": one unbroken chain";
  if (report.signed_rows > 0) text += "; " + rows_text(1, report.signed_rows) + ": what the daemon signed";
  if (report.kept_rows > 0)
    text += "; " + rows_text(1, report.kept_rows) + ": what you kept a checkpoint or receipt of";
  return text;
}

std::string not_proved_text(const audit::Report& report, bool signatures_judged) {
  std::string text;
  if (!signatures_judged) text = "signatures were not judged: give --key; ";
  if (report.kept_rows < report.rows)
    text +=
        rows_text(report.kept_rows + 1, report.rows) +
        ": nobody else is known to hold a checkpoint of them, so whoever holds the daemon's disk and key could have "
        "rewritten them; keep one with nexusctl audit checkpoint";
  return text.empty() ? "what happened before it was written" : text;
}

Json verdict_json(const audit::Verifier::Chain& chain, const audit::Report& report, bool signatures_judged) {
  Json findings = Json::array();
  const bool over_all = chain.tenant.empty() && !chain.instance_id.empty();  // the note over all chains
  for (const auto& finding : report.findings)
    findings.push_back(std::string(audit::to_string(finding.fault)) + " at " + std::to_string(finding.seq));
  return {
      {"ok", report.ok()},
      {"instance_id", chain.instance_id},
      {"tenant_id", over_all ? "*" : chain.tenant},
      {"env", over_all ? "*" : chain.env},
      {"rows", report.rows},
      {"head", report.head},
      {"checkpoints", report.notes},
      {"checkpointed_rows", report.signed_rows},
      {"kept_rows", report.kept_rows},
      {"findings", findings},
      {"findings_total", report.findings_total},
      {"proved", over_all && report.ok() ? "no chain is missing from the newest note over all" : proved_text(report)},
      {"not_proved", not_proved_text(report, signatures_judged)}};
}

audit::Kept kept_of(const Values& values) {
  audit::Kept kept;
  for (const auto& file : values.list("--checkpoint")) {
    std::string note = read_file(file, 64 * 1024);
    if (!audit::parse_note(note)) throw usage_error(file + " holds no checkpoint note");
    kept.notes.push_back(std::move(note));
  }
  if (const auto text = values.find("--key")) {
    kept.key = audit::PublicKey::parse(*text);
    if (!kept.key) throw usage_error("--key wants a key as nexusctl audit key prints it");
  }
  return kept;
}

int finish(Session& session, const Json& verdict) {
  session.print_record(verdict, kVerdictShape);
  return verdict["ok"].get<bool>() ? 0 : static_cast<int>(Exit::audit_broken);
}

int verify_file(Session& session, const std::string& file, audit::Kept kept) {
  Counter counter(session.progress_wanted());
  audit::ExportVerifier verifier(std::move(kept));
  const Fd fd = open_file(file, O_RDONLY);
  std::string buffer(1 << 20, '\0');
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0) throw std::system_error(errno, std::generic_category(), file);
    if (got == 0) break;
    verifier.take(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
    counter.at(verifier.rows());
  }
  const audit::Report report = verifier.finish();
  return finish(session, verdict_json(verifier.chain().value_or(audit::Verifier::Chain{}), report, true));
}

int verify_in_database(Session& session, const std::string& file, audit::Kept kept) {
  if (!kept.key) kept.key = key_beside(file);
  const auto name = [](const std::optional<Sourced>& setting) {
    return setting ? std::optional(setting->value) : std::nullopt;
  };
  Counter counter(session.progress_wanted());
  const auto verdicts = verify_database(file, kept, name(session.settings().tenant), name(session.settings().env),
                                        [&](std::int64_t rows) { counter.at(rows); });
  Json items = Json::array();
  bool ok = true;
  for (const auto& [chain, report] : verdicts) {
    ok = ok && report.ok();
    items.push_back(verdict_json(chain, report, kept.key.has_value()));
  }
  if (verdicts.empty()) throw Failure(Exit::not_found, file + " has no such chain");
  session.print_list({{"items", items}, {"next_cursor", nullptr}}, kVerdictShape);
  return ok ? 0 : static_cast<int>(Exit::audit_broken);
}

int verify_online(Session& session, audit::Kept kept, bool use_witness) {
  const Witness witness(session.contexts().directory());
  const std::string& server = session.settings().server.value;
  const auto seen = witness.last(server, session.tenant(), session.env());
  if (seen && use_witness) kept.receipts.emplace_back(seen->seq, seen->hash);
  const auto patience = std::max(session.timeout(), std::chrono::milliseconds(60000));
  const Json server_says = session.call({.path = "/audit/verify", .timeout = patience}).json;
  audit::Report report;
  Json verdict;
  {
    Counter counter(session.progress_wanted());
    audit::ExportVerifier verifier(std::move(kept));
    stream_export(session, [&](std::string_view piece) {
      verifier.take(piece);
      counter.at(verifier.rows());
    });
    report = verifier.finish();
    verdict = verdict_json(verifier.chain().value_or(audit::Verifier::Chain{}), report, true);
  }
  const Json* server_ok = at_path(server_says, "ok");
  verdict["server_ok"] = server_ok != nullptr && *server_ok == Json(true);
  if (!verdict["server_ok"].get<bool>()) verdict["ok"] = false;
  verdict["server_findings"] = server_says.value("findings", Json::array());
  if (use_witness && report.ok() && report.rows > 0)
    witness.see(server, session.tenant(), session.env(), {report.rows, report.head});
  return finish(session, verdict);
}

}  // namespace

void stream_export(Session& session, const std::function<void(std::string_view)>& take) {
  const Answer answer = session.attempt({.path = "/audit/export", .retry = false, .sink = take});
  if (answer.status >= 400) throw refusal_of(answer);
}

std::vector<Parameter> verify_parameters() {
  return {optional_argument("FILE", "an export; without it, the daemon's log"),
          option("--database", "FILE", "a database file, read only, all its chains"),
          repeated_option("--checkpoint", "FILE", "a checkpoint that you kept"),
          option("--key", "KEY", "the key to trust, as audit key prints it"),
          flag("--no-witness", "leave out the last receipt that this machine saw")};
}

int run_verify(Session& session, const Values& values) {
  const auto file = values.find("FILE"), database = values.find("--database");
  if (file && database) throw usage_error("FILE and --database exclude each other");
  if (file) return verify_file(session, *file, kept_of(values));
  if (database) return verify_in_database(session, *database, kept_of(values));
  return verify_online(session, kept_of(values), !values.given("--no-witness"));
}

}  // namespace nexus::cli
