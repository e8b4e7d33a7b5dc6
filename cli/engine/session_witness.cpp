// The part of Session that keeps the receipts of answers: it tells the witness of each row that an answer shows.
#include <cstdlib>
#include <iostream>
#include <utility>

#include "cli/engine/session.hpp"

namespace nexus::cli {

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
    answer.chain = chain_tenant + ", env " + chain_env;
  }
  saw({.tenant = chain_tenant, .env = chain_env}, row);
}

void Session::saw(Realm realm, const SeenRow& row) {
  if (!instance()) return;
  const auto hash_of_row = [&](std::int64_t seq) -> std::optional<std::string> {
    const auto answer =
        ask_aside({.path = "/audit/" + std::to_string(seq),
                   .scope = Scope::identity,
                   .headers = {{"X-Tenant-Id", std::string(realm.tenant)}, {"X-Env", std::string(realm.env)}}});
    if (!answer) return std::nullopt;
    if (answer->status == 404 && cell_at(answer->json, "code") == "audit_row.not_found") return "";
    return answer->status == 200 ? find_text(answer->json, "hash") : std::nullopt;
  };
  const std::string complaint =
      Witness(contexts_.directory())
          .see({*instance(), std::string(realm.tenant), std::string(realm.env)}, row, hash_of_row);
  if (!complaint.empty()) warn(complaint);
}

std::optional<Answer> Session::ask_aside(ApiRequest request) {
  const bool verbose = std::exchange(settings_.verbose, false);
  if (verbose) std::cerr << "> the witness asks for " << request.path << "\n";
  request.preliminary = true;
  std::optional<Answer> answer;
  try {
    answer = run(build(request), false);
  } catch (const std::exception&) {
    answer.reset();  // the command that it is about is done all the same
  }
  settings_.verbose = verbose;
  return answer;
}

const std::optional<std::string>& Session::instance() {
  if (instance_) return *instance_;
  instance_.emplace();
  const auto answer = ask_aside({.path = "/version", .scope = Scope::open});
  if (answer && answer->status == 200) *instance_ = find_text(answer->json, "instance_id");
  return *instance_;
}

}  // namespace nexus::cli
