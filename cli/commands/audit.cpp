// nexusctl audit: the audit log of a tenant and env. audit_verify.cpp verifies it.
#include <iostream>

#include "cli/commands/audit_verify.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/one_request.hpp"
#include "cli/rails/rail_tail.hpp"
#include "daemon/audit/export.hpp"

namespace nexus::cli {
namespace {

const Shape kRowShape = {
    "seq",
    {"seq", "body.at", "body.action", "body.result", "body.actor.id", "body.subject.type", "body.subject.id", "hash"},
    {{"body.gates", {"gate", "verdict", "code", "detail"}}}};
const Shape kNoteShape = {"size", {"size", "time", "checkpoint_key", "note"}};
const Shape kErasureShape = {"seq", {"seq", "erased"}};
const ApiRequest kErasure = {.method = "POST", .path = "/audit/{SEQ}/erase"};

int run_audit_show(Session& session, const Values& values) {
  const Answer answer = session.call({.path = "/audit/" + segment(values.text("SEQ"))});
  const Json &seq = value_at(answer.json, "seq"), &hash = value_at(answer.json, "hash");
  if (seq.is_number_integer() && hash.is_string())
    session.saw({.tenant = session.tenant(), .env = session.env()}, {seq.get<std::int64_t>(), hash});
  session.print_record(answer.json, kRowShape);
  return 0;
}

/// The export is judged while it streams: the caller must know how far it is signed.
int run_export(Session& session, const Values& values) {
  session.require_no_form();
  const auto path = values.find("--out");
  IncomingFile file(path.value_or("-"), path && values.given("--force"), 0600);
  audit::ExportVerifier verifier({});
  stream_export(session, [&](std::string_view piece) {
    file.write(piece);
    verifier.take(piece);
  });
  if (!verifier.ended()) throw Failure(Exit::server_error, "the export was cut: its last line is missing");
  file.keep();
  const audit::Report report = verifier.finish();
  if (const std::string unsigned_rows = unsigned_rows_text(report); !unsigned_rows.empty()) session.warn(unsigned_rows);
  if (!report.ok())
    session.warn("this log is broken: " + std::string(audit::to_string(report.findings.front().fault)) + " at " +
                 std::to_string(report.findings.front().seq) + "; nexusctl audit verify FILE says more");
  return 0;
}

/// Prints the note as it is, because `verify --checkpoint` takes a file of it. Only --output selects another format:
/// NEXUS_FORMAT was set with other commands in mind.
int run_checkpoint(Session& session, const Values& values) {
  const Answer answer = session.call({.method = "POST", .path = "/audit/checkpoint"});
  const Json& note = value_at(answer.json, "note");
  if (!note.is_string()) throw Failure(Exit::server_error, "the daemon's answer lacks the note");
  if (!audit::parse_note(note.get<std::string>())) throw Failure(Exit::server_error, "the daemon's note is no note");
  if (!values.given("--output") && !session.settings().field)
    session.print(note.get<std::string>());
  else
    session.print_answer(answer, kNoteShape);
  return 0;
}

int run_key(Session& session, const Values&) {
  const Answer answer = session.call({.path = "/version", .scope = Scope::open});
  const Json& key = value_at(answer.json, "checkpoint_key");
  if (!key.is_string()) throw Failure(Exit::server_error, "the daemon names no checkpoint key");
  session.print(key.get<std::string>() + "\n");
  return 0;
}

int run_audit_tail(Session& session, const Values& values) {
  return run_tail(
      session, values,
      {.request = {.path = "/sse/audit"},
       .shape = kRowShape,
       .person = cells_at({"body.at", "seq", "body.result", "body.action", "body.actor.id", "body.subject.id"})});
}

constexpr const char* kAuditDescription = R"(
Each tenant and env has an audit log of its own: a chain of rows, each of which seals the one before it. Admins and
owners may read it; only owners may erase.)";

constexpr const char* kAuditTailDescription = R"(
It follows rows as nexusctl-chat(1) follows a thread. A cursor is the number of a row. Ctrl-C ends it; the last cursor
goes to standard error.)";

constexpr const char* kVerifyDescription = R"(
Without FILE, it asks the daemon for its own verdict and for an export of the chain of this tenant and env, and judges
the export on this machine. It does not look at other chains, and says so.

nexusctl keeps the number and the hash of the row of every receipt that it gets in `witness.json` beside the contexts:
the newest row of each installation and chain, whatever its address. Before a later row replaces one that it does not
follow, nexusctl asks the daemon for the row that it saw; where the caller may not read the log, it keeps both. When a
log contradicts what was seen, or is shorter, nexusctl says so on standard error, and `audit verify` compares all of
it with the log.)";

constexpr const char* kVerifyExitStatus = R"(
`audit verify` exits with 11 when the log is broken, and with 2 when a file is no export, no database or no
checkpoint.)";

constexpr const char* kExportDescription = R"(
The daemon makes the last checkpoint for the export, which ends with the row that it signs. If it cannot write one,
the export goes on, and standard error names the rows that no checkpoint signs.)";

constexpr const char* kCheckpointDescription = R"(
It prints the note as it is, whatever NEXUS_FORMAT says; only --output and --field change that. Keep the note where
the operator of the daemon cannot reach it.)";

Command audit_listing() {
  return list_command(
      "list", "list rows, newest first", "nexusctl audit list --action raw_register --result BLOCK", {.path = "/audit"},
      kRowShape,
      {option("--action", "ACTION", "only rows of this action"), option("--actor", "USER_ID", "only rows of this user"),
       one_of({"PASS", "BLOCK"}, option("--result", "RESULT", "only PASS or only BLOCK")),
       past(option("--since", "TIME", "only rows from this time on")),
       past(option("--until", "TIME", "only rows before this time")),
       option("--trace-id", "ID", "only rows of this trace"),
       option("--token-id", "ID", "only rows of this token; `root` is the token of the system"),
       option("--request-id", "ID", "only rows of this request"), option("--run-id", "ID", "only rows of this run")});
}

}  // namespace

Command audit_command() {
  const Parameter seq = argument("SEQ", "the row's number in its chain");
  return {.name = "audit",
          .topic = Topic::look_and_prove,
          .summary = "the audit log: list, show, tail, verify, export, checkpoint, erase",
          .description = kAuditDescription,
          .see_also = "nexusctl-chat(1)",
          .example = "nexusctl audit verify",
          .commands = {
              audit_listing(),
              {.name = "show",
               .summary = "show a row",
               .example = "nexusctl audit show SEQ -o json",
               .parameters = {seq},
               .run = run_audit_show},
              {.name = "tail",
               .summary = "follow rows as they are written; reconnects and resumes by itself",
               .description = kAuditTailDescription,
               .example = "nexusctl audit tail --from CURSOR",
               .parameters = tail_parameters(),
               .run = run_audit_tail},
              {.name = "verify",
               .summary = "verify the log here, and say what is proved and what is not",
               .description = kVerifyDescription,
               .exit_status = kVerifyExitStatus,
               .example = "nexusctl audit verify --checkpoint kept.note",
               .parameters = verify_parameters(),
               .run = run_verify,
               .beyond_curl = "verifies here what several answers say"},
              {.name = "export",
               .summary = "write the log as NDJSON, oldest row first, with its checkpoints",
               .description = kExportDescription,
               .example = "nexusctl audit export --out audit.ndjson",
               .parameters = {option("--out", "FILE",
                                     "write to FILE, which nobody else may read, instead of standard output"),
                              flag("--force", "replace FILE")},
               .run = run_export},
              {.name = "checkpoint",
               .summary = "have the log signed as it stands, and print the note",
               .description = kCheckpointDescription,
               .example = "nexusctl audit checkpoint > kept.note",
               .run = run_checkpoint},
              {.name = "erase",
               .summary = "erase the details of a row; the erasure is a row itself",
               .description = "The chain stays whole. --reason is required; the log keeps it.",
               .example = "nexusctl audit erase SEQ --reason TEXT",
               .parameters = {seq},
               .run = sends_reason("audit erase", "SEQ", kErasure, kErasureShape)},
              {.name = "key",
               .summary = "print the public key that checkpoints are verified with",
               .example = "nexusctl audit key",
               .run = run_key},
          }};
}

}  // namespace nexus::cli
