// How a session uses the witness: which chain a receipt belongs to, and its extra requests to the daemon.
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

#include "cli/engine/session.hpp"
#include "daemon/base/realm.hpp"

namespace nexus::cli {
namespace {

/// While it lives, requests belong to the witness and not to the command; --verbose shows them as such.
class Aside {
 public:
  Aside(Settings& settings, const std::string& path)
      : settings_(settings), verbose_(std::exchange(settings.verbose, false)) {
    if (verbose_) std::cerr << "> the witness asks for " << path << "\n";
  }
  ~Aside() { settings_.verbose = verbose_; }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  Settings& settings_;
  bool verbose_;
};

}  // namespace

/// Keeps the receipt of the act's chain. Acts without an env are in the chain of env prod.
void Session::witness(const ApiRequest& request, Answer& answer) {
  const SeenRow row{std::atoll(answer.http.header("nexus-audit-seq").c_str()), answer.http.header("nexus-audit-hash")};
  if (row.seq <= 0 || row.hash.empty()) return;
  std::string chain_tenant = "t_system", chain_env = "prod";
  if (request.scope == Scope::tenant) {
    chain_tenant = tenant();
    chain_env = env();
  } else {
    for (const std::string_view prefix : {"/tenants/", "/auth/memberships/"})
      if (request.path.starts_with(prefix))
        chain_tenant = request.path.substr(prefix.size(), request.path.find('/', prefix.size()) - prefix.size());
    answer.chain = chain_tenant + " " + chain_env;
  }
  saw({.tenant = chain_tenant, .env = chain_env}, row);
}

void Session::saw(Realm realm, const SeenRow& row) {
  if (!instance()) return;
  const auto ask = [&](std::int64_t seq) { return hash_of_row(realm, seq); };
  const std::string complaint =
      Witness(contexts_.directory()).see({*instance(), std::string(realm.tenant), std::string(realm.env)}, row, ask);
  if (!complaint.empty()) warn(complaint);
}

const std::optional<std::string>& Session::instance() {
  if (instance_) return *instance_;
  instance_.emplace();
  try {
    const Aside aside(settings_, "/version");
    const Answer answer = run(build({.path = "/version", .scope = Scope::open, .preliminary = true}), false);
    const Json* id = answer.status == 200 ? at_path(answer.json, "instance_id") : nullptr;
    if (id != nullptr && id->is_string()) *instance_ = id->get<std::string>();
  } catch (const std::exception&) {
    return *instance_;  // the command that it is about is done all the same
  }
  return *instance_;
}

std::optional<std::string> Session::hash_of_row(Realm realm, std::int64_t seq) {
  try {
    const std::string path = "/audit/" + std::to_string(seq);
    const Aside aside(settings_, path);
    const Answer answer =
        run(build({.path = path,
                   .scope = Scope::identity,
                   .headers = {{"X-Tenant-Id", std::string(realm.tenant)}, {"X-Env", std::string(realm.env)}},
                   .preliminary = true}),
            false);
    if (answer.status == 404 && answer.json.value("code", "") == "audit_row.not_found") return "";
    const Json* hash = answer.status == 200 ? at_path(answer.json, "hash") : nullptr;
    if (hash != nullptr && hash->is_string()) return hash->get<std::string>();
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace nexus::cli
