#include "cli/commands/audit_verify.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

#include "cli/commands/audit_database.hpp"
#include "cli/engine/local_file.hpp"
#include "daemon/base/database_address.hpp"

namespace nexus::cli {
namespace {

const Shape kVerdictShape = {"head",
                             {"ok", "tenant_id", "env", "rows", "head", "checkpoints", "checkpointed_rows", "kept_rows",
                              "findings", "proved", "not_proved"}};

/// Shows the progress of the verification on one line, which vanishes with it: it must end before the verdict is
/// printed.
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

/// Eight digits are enough for people to tell keys apart; JSON has all of it.
std::string short_name(const audit::PublicKey& key) {
  const std::string text = key.text();
  const auto begin = text.find('+') + 1;
  return "key " + text.substr(begin, text.find('+', begin) - begin);
}

std::string signed_text(const audit::Report& report) {
  std::string text;
  for (const auto& signer : report.signers) {
    text += "; signed up to row " + std::to_string(signer.rows) + " by " + short_name(signer.key);
    const bool named = !signer.replaces_lost && &signer != report.signers.data();
    if (named) text += ", which the key before it names";
    if (signer.replaces_lost)
      if (const auto row = report.replacements.find(signer.key.text()); row != report.replacements.end())
        text += ", which took the place of a lost one at row " + std::to_string(row->second);
  }
  return text;
}

std::string restores_text(const audit::Report& report) {
  std::string text;
  for (const auto& restore : report.restores)
    text += "; restored at row " + std::to_string(restore.row) + " from backup " + restore.backup_id +
            (restore.made_at.empty() ? "" : ", made at " + restore.made_at);
  return text;
}

std::string proved_text(const audit::Report& report) {
  if (!report.ok()) return "nothing beyond the first finding";
  if (report.rows == 0) return "the log is empty";
  std::string text = rows_text(1, report.rows) + ": one unbroken chain" + signed_text(report) + restores_text(report);
  if (report.signers.empty() && report.signed_rows > 0)
    text += "; " + rows_text(1, report.signed_rows) + ": as its checkpoints have it";
  if (report.kept_rows > 0)
    text += "; " + rows_text(1, report.kept_rows) + ": what you kept a checkpoint or receipt of";
  return text;
}

/// What else was not checked, or taken on trust.
struct Doubts {
  bool judged = true;    // signatures were
  bool trusted = false;  // the key came from the caller
  std::string beside;    // what was left out altogether
};

std::string not_proved_text(const audit::Report& report, const Doubts& doubts) {
  std::vector<std::string> doubt;
  if (!doubts.judged) doubt.push_back("signatures were not judged: give --key");
  if (const std::string text = unsigned_rows_text(report); !text.empty()) doubt.push_back(text);
  if (doubts.judged && !doubts.trusted && !report.signers.empty())
    doubt.push_back("the log's own word was taken for whose keys these are: give --key");
  if (report.unknown_rows > 0)
    doubt.push_back("the checkpoints up to row " + std::to_string(report.unknown_rows) +
                    " are of a lost key that nobody knows: only the key after it vouches for these rows");
  for (const auto& signer : report.signers)
    if (signer.replaces_lost && !doubts.trusted)
      doubt.push_back("nobody vouches for " + short_name(signer.key) +
                      ", which took the place of a lost one: ask the daemon's operator for it by another way");
  if (!report.restores.empty())
    doubt.push_back("what happened between a backup and its restore: those rows are not in this log");
  if (report.kept_rows < report.rows)
    doubt.push_back(
        rows_text(report.kept_rows + 1, report.rows) +
        ": nobody else is known to hold a checkpoint of them, so whoever holds the daemon's disk and key could have "
        "rewritten them; keep one with nexusctl audit checkpoint");
  if (!doubts.beside.empty()) doubt.push_back(doubts.beside);
  std::string text;
  for (const auto& each : doubt) text += (text.empty() ? "" : "; ") + each;
  return text.empty() ? "what happened before it was written" : text;
}

Json findings_json(const audit::Report& report) {
  Json findings = Json::array();
  for (const auto& finding : report.findings)
    findings.push_back(std::string(audit::to_string(finding.fault)) + " at " + std::to_string(finding.seq));
  return findings;
}

Json verdict_json(const audit::Verifier::Chain& chain, const audit::Report& report, const Doubts& doubts) {
  Json verdict = audit::report_json(chain, report);
  verdict.update({{"instance_id", chain.instance_id},
                  {"kept_rows", report.kept_rows},
                  {"findings", findings_json(report)},
                  {"proved", proved_text(report)},
                  {"not_proved", not_proved_text(report, doubts)}});
  return verdict;
}

/// For the notes over all chains, whose sizes count chains.
Json over_all_json(const audit::Verifier::Chain& chain, audit::Report report, bool judged) {
  std::string proved = "nothing beyond the first finding";
  if (report.ok() && report.notes == 0) proved = "nothing: there is no checkpoint over all chains";
  if (report.ok() && report.notes > 0)
    proved =
        "none of the " + std::to_string(report.signed_rows) + " chains of the newest checkpoint over all is missing";
  if (report.ok() && report.kept_rows > 0)
    proved += ", nor any of the " + std::to_string(report.kept_rows) + " of the one that you kept";
  std::string doubt = judged ? "" : "signatures were not judged: give --key; ";
  doubt += report.kept_rows > 0 ? "chains that are younger than it"
                                : "whether whoever holds the daemon's disk and key removed a whole chain: nobody else "
                                  "is known to hold a checkpoint over all";
  report.rows = report.signed_rows = report.kept_rows = 0;
  Json verdict = verdict_json(chain, report, {});
  verdict.update({{"tenant_id", "*"}, {"env", "*"}, {"proved", proved}, {"not_proved", doubt}});
  return verdict;
}

/// The chain that a note signs; nothing when the text is none.
std::optional<audit::Verifier::Chain> chain_of_note(const std::string& note) {
  const auto checkpoint = audit::parse_note(note);
  return checkpoint ? audit::chain_of(checkpoint->origin) : std::nullopt;
}

audit::Kept kept_of(const Values& values, bool one_chain) {
  audit::Kept kept;
  for (const auto& file : values.list("--checkpoint")) {
    std::string note = read_text(file, 64 * 1024);
    const auto of = chain_of_note(note);
    if (!of) throw usage_error(file + " holds no checkpoint");
    if (one_chain && of->tenant.empty())
      throw usage_error(file + " is a checkpoint over all chains: only a whole database can be held against it",
                        "nexusctl audit verify --database FILE --checkpoint NOTE");
    kept.notes.push_back(std::move(note));
  }
  if (const auto text = values.find("--key")) {
    kept.key = audit::PublicKey::parse(*text);
    if (!kept.key) throw usage_error("--key wants a key as nexusctl audit key prints it");
  }
  return kept;
}

/// A note of another chain proves nothing about this one; that it does not fit is no sign of tampering.
void require_notes_of(const Values& values, Realm realm) {
  for (const auto& file : values.list("--checkpoint")) {
    const auto of = chain_of_note(read_text(file, 64 * 1024));
    if (of && (of->tenant != realm.tenant || of->env != realm.env))
      throw usage_error(file + " is a checkpoint of " + of->tenant + " " + of->env + ", and this is the chain of " +
                        std::string(realm.tenant) + " " + std::string(realm.env));
  }
}

int finish(Session& session, const Json& verdict) {
  session.print_record(verdict, kVerdictShape);
  return verdict["ok"].get<bool>() ? 0 : static_cast<int>(Exit::audit_broken);
}

int verify_file(Session& session, const Values& values, const std::string& file, audit::Kept kept) {
  const Doubts doubts{.trusted = kept.key.has_value(), .beside = ""};
  audit::ExportVerifier verifier(std::move(kept));
  {
    Counter counter(session.progress_wanted());
    read_export(file, [&](std::string_view piece) {
      verifier.take(piece);
      counter.at(verifier.rows());
    });
  }
  const audit::Report report = verifier.finish();
  if (const auto chain = verifier.chain()) require_notes_of(values, {.tenant = chain->tenant, .env = chain->env});
  return finish(session, verdict_json(verifier.chain().value_or(audit::Verifier::Chain{}), report, doubts));
}

/// A context or the environment describes a daemon, so only the command line itself narrows the file.
std::optional<std::string> asked(const std::optional<Sourced>& setting, std::string_view flag) {
  return setting && setting->source == flag ? std::optional(setting->value) : std::nullopt;
}

int verify_in_database(Session& session, const DatabaseName& database, const audit::Kept& kept) {
  const auto tenant = asked(session.settings().tenant, "--tenant"), env = asked(session.settings().env, "--env");
  const auto verdicts = [&] {
    Counter counter(session.progress_wanted());
    return verify_database(database, kept, tenant, env, [&](std::int64_t rows) { counter.at(rows); });
  }();
  Json items = Json::array();
  bool ok = true;
  for (const auto& [chain, report, judged] : verdicts) {
    ok = ok && report.ok();
    const bool over_all = chain.tenant.empty();
    const Doubts doubts{.judged = judged,
                        .trusted = kept.key.has_value(),
                        .beside = tenant || env ? "other chains than those named were not looked at" : ""};
    items.push_back(over_all ? over_all_json(chain, report, judged) : verdict_json(chain, report, doubts));
  }
  if (verdicts.empty()) throw Failure(Exit::not_found, without_password(database.text) + " has no such chain");
  session.print_list({{"items", items}, {"next_cursor", nullptr}}, kVerdictShape);
  return ok ? 0 : static_cast<int>(Exit::audit_broken);
}

int verify_online(Session& session, audit::Kept kept, bool use_witness) {
  const Witness witness(session.contexts().directory());
  const Doubts doubts{.trusted = kept.key.has_value(),
                      .beside = "this is the chain of " + session.tenant() + " " + session.env() +
                                " alone: the daemon's other chains were not looked at"};
  const auto patience = std::max(session.timeout(), std::chrono::milliseconds(60000));
  const Json server_says = session.call({.path = "/audit/verify", .timeout = patience}).json;
  if (use_witness && session.instance())
    for (auto& row : witness.seen({*session.instance(), session.tenant(), session.env()}))
      kept.receipts.emplace_back(row.seq, std::move(row.hash));
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
    verdict = verdict_json(verifier.chain().value_or(audit::Verifier::Chain{}), report, doubts);
  }
  verdict["server_ok"] = value_at(server_says, "ok") == true;
  if (!verdict["server_ok"].get<bool>()) verdict["ok"] = false;
  verdict["server_findings"] = server_says.value("findings", Json::array());
  if (use_witness && report.ok() && report.rows > 0 && session.instance())
    witness.proved({*session.instance(), session.tenant(), session.env()}, {report.rows, report.head});
  return finish(session, verdict);
}

}  // namespace

void stream_export(Session& session, const std::function<void(std::string_view)>& take) {
  const Answer answer = session.attempt({.path = "/audit/export", .retry = false, .sink = take});
  if (answer.status >= 400) throw refusal_of(answer);
}

std::string unsigned_rows_text(const audit::Report& report) {
  if (report.signed_rows >= report.rows) return {};
  return rows_text(report.signed_rows + 1, report.rows) + ": no checkpoint signs " +
         (report.rows == report.signed_rows + 1 ? "it" : "them");
}

std::vector<Parameter> verify_parameters() {
  return {optional_argument(
              "FILE", "an export, as `audit export` writes it; - is standard input; without it, the daemon's log"),
          option("--database", "FILE",
                 "a database file, read without a daemon and without writing, also on read-only media; or "
                 "postgresql://HOST/NAME, which needs the library libpq.so.5: all its chains, and the checkpoints over "
                 "all of them. Only --tenant and --env on the command line narrow it, never a context or the "
                 "environment."),
          option("--database-password-file", "PATH",
                 "a file of mode 0600 with the password for PostgreSQL; without it, ~/.pgpass, a service file or the "
                 "variables PG… have it"),
          repeated_option(
              "--checkpoint", "NOTE",
              "a checkpoint that you kept. Nobody can have changed its rows, not even somebody who holds the disk and "
              "the key of the daemon. Every one must meet its chain: if that is gone, the log is `truncated`; one of "
              "another installation is a `fork`. One over all chains needs --database and is checked against all."),
          option("--key", "KEY",
                 "the key to trust, as `audit key` prints it; without it, the log's own word is taken. A key that a "
                 "trusted one names as its successor, or that names a trusted one, is trusted as well. One that "
                 "replaced a lost key is not: ask the operator of the daemon for it, and give that one."),
          flag("--no-witness", "leave out the last receipt that this machine saw")};
}

int run_verify(Session& session, const Values& values) {
  const auto file = values.find("FILE"), database = values.find("--database");
  if (file && database) throw usage_error("FILE and --database exclude each other");
  if (file) return verify_file(session, values, *file, kept_of(values, true));
  const auto password_file = values.find("--database-password-file");
  if (password_file && !database) throw usage_error("--database-password-file belongs to --database");
  if (database) return verify_in_database(session, {*database, password_file.value_or("")}, kept_of(values, false));
  audit::Kept kept = kept_of(values, true);
  require_notes_of(values, {.tenant = session.tenant(), .env = session.env()});
  return verify_online(session, std::move(kept), !values.given("--no-witness"));
}

}  // namespace nexus::cli
