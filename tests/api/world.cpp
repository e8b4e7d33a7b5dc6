// Tenants, people and files of the API tests.
#include "tests/api/world.hpp"

#include <strings.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "daemon/limits.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/one_daemon.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {

const Person& Tenant::at(const std::string& role) const {
  if (role == "owner") return owner;
  if (role == "admin") return admin;
  if (role == "member") return member;
  if (role == "viewer") return viewer;
  throw std::logic_error("no such role: " + role);
}

Headers without(Headers base, std::string_view name) {
  std::erase_if(base, [name](const auto& field) {
    return field.first.size() == name.size() && ::strncasecmp(field.first.data(), name.data(), name.size()) == 0;
  });
  return base;
}

Headers with(Headers base, const Headers& more) {
  for (const auto& [name, value] : more) {
    base = without(std::move(base), name);
    base.emplace_back(name, value);
  }
  return base;
}

std::pair<std::string, std::string> form_of(const Json& fields, const std::string& content) {
  const std::string boundary = "nexus-test-boundary";
  std::string body;
  const auto part = [&](const std::string& disposition, const std::string& value) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
  };
  for (const auto& [name, value] : fields.items()) part("name=\"" + name + "\"", value.get<std::string>());
  part("name=\"file\"; filename=\"file\"", content);
  return {body + "--" + boundary + "--\r\n", "multipart/form-data; boundary=" + boundary};
}

bool skipped_on_postgres(std::string_view reason) {
  if (!is_on_postgres()) return false;
  const std::string test = Catch::getResultCapture().getCurrentTestName();
  std::printf("skipped: %.*s [%s]\n", static_cast<int>(reason.size()), reason.data(), test.c_str());
  std::fflush(stdout);
  return true;
}

DaemonOptions unlimited() { return {.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000"}}}; }

namespace {

/// A world that outlives the tests: each test that enters judges once what was left there; what the last one leaves is
/// judged at the end of the process, where no test can fail any more.
World& enter(World& world) {
  static std::map<const World*, std::string> entered_by;
  const std::string test = Catch::getResultCapture().getCurrentTestName();
  if (std::exchange(entered_by[&world], test) != test) world.judge_audit();
  return world;
}

}  // namespace

World& shared_world() {
  const auto made = [] { return std::make_unique<World>(unlimited()); };
  if (is_with_second_daemon() && !has_second_daemon()) {
    static const std::unique_ptr<World> alone = made();
    return enter(*alone);
  }
  static const std::unique_ptr<World> world = made();
  return enter(*world);
}

World& lenient_world() {
  static World world([] {
    DaemonOptions options = unlimited();
    options.environment.emplace_back("NEXUSD_GATES_STRICT_ENVS", "prod");
    return options;
  }());
  return enter(world);
}

World::World(DaemonOptions options)
    : daemon_(options),
      second_(has_second_daemon() ? std::make_unique<SecondDaemon>(daemon_, std::move(options)) : nullptr),
      turns_(second_ != nullptr ? std::make_unique<Turns>(daemon_.port(), second_->daemon().port()) : nullptr),
      client_(daemon_.address()),
      root_{"system", daemon_.root_token()},
      dev_{"u_dev", daemon_.token()} {}

World::~World() {
  if (!has_store(daemon_.data_dir())) return;
  const auto complaints = audit_.complaints(daemon_.data_dir());
  if (complaints.empty()) return;
  for (const auto& complaint : complaints) std::fprintf(stderr, "audit log: %s\n", complaint.c_str());
  std::_Exit(1);  // neither a destructor nor the end of the process can fail a test
}

std::string World::log() const { return daemon_.log() + (second_ == nullptr ? "" : second_->daemon().log()); }

void World::signal(int number) {
  daemon_.signal(number);
  if (second_ != nullptr) second_->daemon().signal(number);
}

int World::wait() {
  const int status = daemon_.wait(), other = second_ == nullptr ? 0 : second_->daemon().wait();
  return status != 0 ? status : other;
}

int World::stop() {
  signal(SIGTERM);
  return wait();
}

void World::judge_audit() { CHECK(audit_.complaints(daemon_.data_dir()) == std::vector<std::string>{}); }

Answer World::call(const std::string& method, const std::string& target, const Headers& headers,
                   const std::string& body) {
  INFO(method << " " << target);
  Answer answer = client_.request(method, target, headers, body);
  audit_.saw(answer);
  judge(answer);
  return answer;
}

Answer World::call(const std::string& method, const std::string& target, const Headers& headers, const Json& body) {
  return call(method, target, headers, body.dump());
}

/// Whether it is one item, whatever its size, or a page within its bounds.
bool is_bounded_page(const Answer& answer) {
  const Json items = answer.json.is_object() ? answer.json.value("items", Json::array()) : Json::array();
  return items.size() <= 1 || answer.body.size() <= limits::list_bytes_max;
}

/// What holds for every answer: a request id; a page has its bounds; and every refusal explains itself, in a form that
/// is known.
void World::judge(const Answer& answer) {
  INFO("status " << answer.status << " " << answer.error << " " << answer.body);
  if (answer.status == 0) {
    UNSCOPED_INFO(
        "nexusd " << (daemon_.exit_status() ? "ended with " + std::to_string(*daemon_.exit_status()) : "runs"));
    FAIL(log());
  }
  CHECK(answer.status != 500);
  CHECK(!answer.header("x-request-id").empty());
  CHECK(is_bounded_page(answer));
  if (answer.status < 400) return;
  CHECK(is_well_formed_problem(answer));
  if (!answer.json.is_object() || !explained_.insert(answer.code()).second) return;
  const Answer page = client_.request("GET", "/problems/" + answer.code());
  CHECK(page.status == 200);
  CHECK(page.body.find(answer.code()) != std::string::npos);
}

Headers World::as(const Person& who) {
  Headers headers = {{"Authorization", "Bearer " + who.token}};
  if (who.id == "system") headers.emplace_back("X-Reason", "a test");
  return headers;
}

Headers World::in(const Person& who, const std::string& tenant, const std::string& env) {
  return with(as(who), {{"X-Tenant-Id", tenant}, {"X-Env", env}});
}

std::string World::new_id(const std::string& prefix) { return prefix + "_" + std::to_string(++next_); }

Person World::new_person() {
  Person person{new_id("u"), {}};
  REQUIRE(call("POST", "/users", as(root_), Json{{"user_id", person.id}}).status == 201);
  person.token = new_token(person.id);
  return person;
}

std::string World::new_token(const std::string& user_id, Json wish) {
  wish["user_id"] = user_id;
  const Answer answer = call("POST", "/tokens", as(root_), wish);
  REQUIRE(answer.status == 201);
  return answer.json.at("token");
}

std::string World::new_tenant() {
  std::string id = new_id("t");
  REQUIRE(call("POST", "/tenants", as(root_), Json{{"tenant_id", id}, {"name", "Tenant " + id}}).status == 201);
  return id;
}

void World::set_member(const std::string& tenant, const std::string& user_id, const std::string& role) {
  const Answer answer = call("PUT", "/tenants/" + tenant + "/members/" + user_id, as(root_), Json{{"role", role}});
  REQUIRE(answer.status / 100 == 2);
}

Tenant World::new_tenant_with_members() {
  Tenant tenant{new_tenant(), new_person(), new_person(), new_person(), new_person()};
  for (const char* role : {"owner", "admin", "member", "viewer"}) set_member(tenant.id, tenant.at(role).id, role);
  return tenant;
}

void World::set_status(const std::string& tenant, const std::string& status) {
  REQUIRE(call("PATCH", "/tenants/" + tenant, as(root_), Json{{"status", status}}).status == 200);
}

Answer World::put_kill_switches(const Person& who, const std::string& tenant, const Json& body,
                                const std::string& env) {
  return call("PUT", "/kill-switches", in(who, tenant, env), body);
}

Json World::presign(const Person& who, const std::string& tenant, const std::string& filename, const std::string& env) {
  const Answer answer = call("POST", "/nexus/raw/presign-upload", in(who, tenant, env), Json{{"filename", filename}});
  REQUIRE(answer.status == 200);
  return answer.json;
}

Answer World::upload(const Json& presigned, const std::string& content) {
  const auto [body, type] = form_of(presigned.at("fields"), content);
  const std::string url = presigned.at("url");
  return call("POST", url.substr(url.find('/', url.find("://") + 3)), {{"Content-Type", type}}, body);
}

StoredFile World::uploaded(const Person& who, const std::string& tenant, const std::string& env) {
  StoredFile file{{}, new_id("file") + ".txt", "content of " + std::to_string(next_)};
  const Json presigned = presign(who, tenant, file.filename, env);
  file.asset_id = presigned.at("asset_id");
  REQUIRE(upload(presigned, file.content).status == 204);
  return file;
}

StoredFile World::registered(const Person& who, const std::string& tenant, const std::string& env) {
  StoredFile file = uploaded(who, tenant, env);
  const Answer answer = call("POST", "/nexus/raw/register", in(who, tenant, env),
                             Json{{"asset_id", file.asset_id}, {"filename", file.filename}});
  REQUIRE(answer.status == 201);
  return file;
}

}  // namespace nexus::test
