// nexusctl smoke: runs the main job end to end against a running daemon, with the identity of the environment (a
// member's token, a tenant, an env), and checks the refusals that must occur. Leaves one small asset behind.
#include "cli/engine/escape.hpp"
#include "cli/engine/transfer.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::cli {
namespace {

/// What the steps pass to each other. A step that fails leaves its part empty, and the steps that need it say so.
struct Run {
  explicit Run(Session& session_) : session(session_) {}
  Session& session;
  std::string content = random_bytes(256 * 1024);
  std::string filename = "smoke-" + uuid_v7() + ".bin";
  Json presigned;
  Json asset;
  std::string evidence;                // one line that the step may leave
  std::optional<Failure> unreachable;  // no daemon answers any more, so the remaining steps are skipped
};

struct Step {
  std::string name;
  std::function<void(Run&)> run;
};

void require(bool condition, const std::string& otherwise) {
  if (!condition) throw Failure(Exit::negative, otherwise);
}

std::string text_at(const Json& json, const std::string& path) {
  const Json& found = value_at(json, path);
  require(found.is_string(), "no \"" + path + "\": an earlier step failed, or the answer lacks it");
  return found.get<std::string>();
}

// A refusal counts only with the right reason.
void require_refusal(Run& run, const Answer& answer, int status, const std::string& code) {
  const std::string got = std::to_string(answer.status) + " " + cell_at(answer.json, "code");
  const std::string wanted = std::to_string(status) + " " + code;
  require(got == wanted, "expected " + wanted + ", got " + got);
  require(!answer.http.header("x-request-id").empty(), "the refusal carries no request id");
  run.evidence = got;
}

Json presign_another(Run& run, const Json& body) { return run.session.call(presign_request(body)).json; }

void send_file(Run& run, const Json& form, const LocalFile& file) {
  const Answer sent = send_form(run.session, form, file, "application/octet-stream");
  if (sent.status >= 300) throw refusal_of(sent);
}

void require_status(const Answer& answer, int wanted) {
  require(answer.status == wanted, "expected " + std::to_string(wanted) + ", got " + std::to_string(answer.status));
}

void ready(Run& run) {
  const Answer answer = run.session.attempt({.path = "/readyz", .scope = Scope::open});
  require(answer.status == 200, "/readyz answered " + std::to_string(answer.status));
}

void identity(Run& run) {
  const Answer answer = run.session.call({.path = "/auth/me", .scope = Scope::identity});
  const std::string user = cell_at(answer.json, "user.user_id");
  run.evidence = (user.empty() ? "system" : user) + " in " + run.session.tenant() + " / " + run.session.env();
}

void presign_form(Run& run) {
  const LocalFile file = spool(run.content, run.filename);
  run.presigned = presign_another(run, presign_body(run.filename, {}, &file));
  run.evidence = text_at(run.presigned, "key");
  const std::string prefix = "tenants/" + run.session.tenant() + "/";
  require(run.evidence.starts_with(prefix), "the key does not stand under " + prefix);
}

void send_bytes(Run& run) {
  text_at(run.presigned, "url");
  send_file(run, run.presigned, spool(run.content, run.filename));
  run.evidence = std::to_string(run.content.size()) + " bytes";
}

Json register_body(Run& run) {
  return {{"asset_id", text_at(run.presigned, "asset_id")},
          {"filename", run.filename},
          {"size_bytes", run.content.size()},
          {"sha256", sha256_hex(run.content)}};
}

void register_bytes(Run& run) {
  const Answer answer = run.session.call(register_request(register_body(run)));
  require_status(answer, 201);
  const Json receipt = answer.receipt();
  require(!receipt.empty(), "the answer carries no audit receipt");
  run.asset = answer.json;
  run.evidence = "audit row " + cell_text(receipt["receipt"]["seq"]) + " " + cell_text(receipt["receipt"]["hash"]);
}

void register_again(Run& run) { require_status(run.session.call(register_request(register_body(run))), 200); }

void show(Run& run) {
  const Json asset = run.session.call({.path = "/nexus/raw/" + segment(text_at(run.asset, "asset_id"))}).json;
  require(text_at(asset, "status") == "registered", "its status is not registered");
  require(text_at(asset, "sha256") == sha256_hex(run.content), "its digest is another");
  run.evidence = "sha256 " + text_at(asset, "sha256");
}

void download(Run& run) {
  std::string got;
  fetch(run.session, "/nexus/raw/" + segment(text_at(run.asset, "asset_id")) + "/download",
        [&](std::string_view bytes) { got += bytes; });
  require(got == run.content, "the content came back changed");
  run.evidence = std::to_string(got.size()) + " bytes, equal";
}

void never_sent(Run& run) {
  const Json form = presign_another(run, {{"filename", "never.bin"}});
  const Json body = {{"asset_id", text_at(form, "asset_id")}, {"filename", "never.bin"}};
  require_refusal(run, run.session.attempt(register_request(body)), 409, "raw.not_uploaded");
}

void lying_digest(Run& run) {
  const Json form = presign_another(run, {{"filename", "liar.bin"}});
  send_file(run, form, spool("what was sent", "liar.bin"));
  const Json body = {
      {"asset_id", text_at(form, "asset_id")}, {"filename", "liar.bin"}, {"sha256", sha256_hex("what was promised")}};
  const Answer answer = run.session.attempt(register_request(body));
  // A store that computes no digests (S3) cannot check; then the digest must be marked as the client's claim.
  if (answer.status == 201 && answer.json.value("sha256_checked", true) == false) {
    run.evidence = "marked unchecked: the store computes no digests";
    return;
  }
  require_refusal(run, answer, 409, "raw.digest_mismatch");
}

void too_large(Run& run) {
  const Json form = presign_another(run, {{"filename", "large.bin"}, {"max_bytes", 1024}});
  const Answer sent =
      send_form(run.session, form, spool(std::string(4096, 'x'), "large.bin"), "application/octet-stream");
  require(sent.status >= 400 && sent.status < 500, "a file over max_bytes was answered " + std::to_string(sent.status));
  run.evidence = std::to_string(sent.status);
}

ApiRequest with_header(const char* name, const char* value) {
  return {.path = "/nexus/raw", .headers = {{name, value}}};
}

/// A step whose request must be refused.
Step refused(const std::string& what, const ApiRequest& request, int status, const std::string& code) {
  return {"refused: " + what, [=](Run& run) { require_refusal(run, run.session.attempt(request), status, code); }};
}

std::vector<Step> steps() {
  return {{"the daemon is ready", ready},
          {"the token is good", identity},
          {"presign gives a form", presign_form},
          {"the form takes the bytes", send_bytes},
          {"register checks them, with a receipt", register_bytes},
          {"a second equal register changes nothing", register_again},
          {"the asset shows the digest", show},
          {"the download is equal", download},
          refused("no token", with_header("Authorization", ""), 401, "auth.missing_token"),
          refused("a forged token", with_header("Authorization", "Bearer nonsense"), 401, "auth.invalid_token"),
          refused("tenant t_unknown", with_header("X-Tenant-Id", "t_unknown"), 400, "context.invalid_tenant"),
          refused("no env", with_header("X-Env", ""), 400, "context.missing_env"),
          refused("an absent asset", {.path = "/nexus/raw/" + uuid_v7()}, 404, "raw.not_found"),
          refused("a misspelt field", presign_request({{"filename", "a.bin"}, {"max_byte", 1}}), 422,
                  "validation.unknown_field"),
          {"refused: register without an upload", never_sent},
          {"a digest that lies is not believed", lying_digest},
          {"refused: a file over max_bytes", too_large}};
}

// The error, on one line; empty when there was none.
std::string try_step(const Step& step, Run& run) {
  try {
    step.run(run);
    return {};
  } catch (const Refusal& refusal) {
    return std::to_string(refusal.status) + " " + refusal.code() + ": " + refusal.what();
  } catch (const Failure& failure) {
    if (failure.exit == Exit::unreachable) run.unreachable = failure;
    return failure.what();
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string tap_line(std::size_t number, const Step& step, const std::string& wrong) {
  const std::string head = (wrong.empty() ? "ok " : "not ok ") + std::to_string(number) + " - " + step.name + "\n";
  return wrong.empty() ? head : head + "  ---\n  message: " + json_text(Json(wrong)) + "\n  ...\n";
}

std::string plain_line(const Step& step, const std::string& wrong, const std::string& evidence) {
  const std::string& tail = wrong.empty() ? evidence : wrong;
  return std::string(wrong.empty() ? sign("✓ ", "ok ") : sign("✗ ", "FAILED ")) + step.name +
         (tail.empty() ? "" : ": " + escape_controls(tail)) + "\n";
}

int run_smoke(Session& session, const Values& values) {
  session.tenant();  // a missing setting is a usage error, not a failed step
  session.env();
  if (session.settings().idempotency_key)
    throw usage_error("--idempotency-key has no effect here: each step sends something else");
  const bool tap = values.given("--tap");
  const bool rows = session.json_output() && !tap;
  if (!rows) session.require_no_form();
  const auto all = steps();
  if (tap) session.print("TAP version 13\n1.." + std::to_string(all.size()) + "\n");
  Run run(session);
  Json results = Json::array();
  std::size_t failed = 0;
  for (std::size_t i = 0; i < all.size() && !run.unreachable; ++i) {
    run.evidence.clear();
    const std::string wrong = try_step(all[i], run);
    failed += wrong.empty() ? 0 : 1;
    if (tap)
      session.print(tap_line(i + 1, all[i], wrong));
    else if (!rows)
      session.print(plain_line(all[i], wrong, run.evidence));
    results.push_back({{"step", all[i].name}, {"ok", wrong.empty()}, {"detail", wrong.empty() ? run.evidence : wrong}});
  }
  if (rows) session.print_list({{"items", results}, {"next_cursor", nullptr}}, {"step", {"ok", "step", "detail"}});
  if (run.unreachable) {
    if (tap) session.print("Bail out! " + escape_controls(run.unreachable->what()) + "\n");
    throw *run.unreachable;
  }
  if (failed > 0)
    throw Failure(Exit::negative, std::to_string(failed) + " of " + std::to_string(all.size()) + " steps failed");
  return 0;
}

constexpr const char* kSmokeDescription = R"(
It uploads 256 KiB of random bytes, registers, shows and downloads them. Then it checks that the daemon refuses what
it must refuse, each with its own reason: no token, a forged one, tenant `t_unknown`, no env, an absent asset, a
misspelt field, a register without an upload, a file over its limit. It also checks that a false digest is refused, or
marked as unchecked where the store computes none.

It needs the token of a member, a tenant and an env. It leaves one registered asset, a few unregistered ones, and
audit rows behind.)";

constexpr const char* kSmokeExitStatus = R"(
`smoke` exits with 1 when a step failed, and with 3 at the first step that no daemon answers.)";

}  // namespace

Command smoke_command() {
  return {.name = "smoke",
          .topic = Topic::operate,
          .summary = "do the main job end to end with throw-away ids; exit 1 if a step fails",
          .description = kSmokeDescription,
          .exit_status = kSmokeExitStatus,
          .see_also = "nexusctl-status(1), nexusctl-upload(1)",
          .example =
              "nexusctl smoke --tenant TENANT_ID --env dev\n"
              "nexusctl smoke --tap",
          .parameters = {flag("--tap", "answer in TAP version 13")},
          .run = run_smoke,
          .beyond_curl = "is many requests"};
}

}  // namespace nexus::cli
