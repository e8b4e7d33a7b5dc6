#include "daemon/app/installation.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/log.hpp"
#include "store/gates_config.hpp"
#include "store/identity.hpp"

namespace nexus::app {
namespace {

constexpr std::string_view kInstance = "instance_id";
constexpr std::string_view kEpoch = "epoch";
constexpr std::string_view kRoot = "root_token_sha256";

std::string new_epoch() {
  const std::string bytes = random_bytes(4);
  return hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::unique_ptr<store::Database> open(const std::filesystem::path& path, store::Writer::Fatal on_fatal) {
  store::DatabaseOptions options;
  options.path = path;
  options.on_fatal = std::move(on_fatal);
  return std::make_unique<store::Database>(std::move(options));
}

}  // namespace

Installation::Installation(const std::filesystem::path& data_dir, store::Writer::Fatal on_fatal)
    : directory_(data_dir), database_(open(directory_.database(), std::move(on_fatal))) {
  std::optional<std::string> instance, root;
  {
    auto lease = database_->read();
    instance = store::find_meta(lease.reader(), kInstance);
    root = store::find_meta(lease.reader(), kRoot);
  }
  if (!instance) {
    instance_id_ = uuid_v7();
    found();
  } else {
    instance_id_ = *instance;
  }
  if (root)
    root_token_sha256_ = *root;
  else
    rotate_root();
  tell_cleared_switches();
}

/// A migration cleared what the documents of t_system held, since they hold for every tenant now. The rows that say so
/// need the chain's hashes, so they are written here, once, by the first start after it.
void Installation::tell_cleared_switches() {
  const auto cleared = store::find_cleared_switches(database_->read().reader());
  if (!cleared) return;
  const Json documents = Json::parse(*cleared);
  database_->writer().apply([&](store::Tx& tx) {
    for (const auto& [env, held] : documents.items()) {
      audit::Act act = audit::own_act(TenantId::system().str(), env, "kill_switch_update", "kill_switches", "");
      act.surface = "control";
      act.subject_id = std::nullopt;
      act.details["cleared"] = held;
      act.details["why"] =
          "the switches of t_system hold for every tenant from now on: what they held before is cleared";
      audit::append(tx, instance_id_, act, now_micros());
    }
    store::forget_cleared_switches(tx);
  });
  log::warn("kill switches of t_system were cleared: they hold for every tenant from now on",
            {{"cleared", to_text(documents)}});
}

void Installation::found() {
  database_->writer().apply([this](store::Tx& tx) {
    const Micros now = now_micros();
    store::put_meta(tx, kInstance, instance_id_);
    store::put_meta(tx, kEpoch, new_epoch());
    const std::string& system = TenantId::system().str();
    store::insert_tenant(tx, {system, "Nexus itself", "active", now, "system"});
    audit::append(tx, instance_id_, audit::own_act(system, "prod", "tenant_create", "tenant", system), now);
  });
}

void Installation::rotate_root() {
  const std::string token = "nxr_" + base64url(random_bytes(32));
  const std::string digest = sha256_hex(token);
  // The file first: a digest whose token nobody has would lock the operator out.
  replace_file(directory_.root_token(), token + "\n");
  database_->writer().apply([&](store::Tx& tx) {
    store::put_meta(tx, kRoot, digest);
    audit::append(tx, instance_id_, audit::own_act(TenantId::system().str(), "prod", "token_create", "token", "root"),
                  now_micros());
  });
  root_token_sha256_ = digest;
}

}  // namespace nexus::app
