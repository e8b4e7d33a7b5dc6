// Judges combinations of options. Each refusal names the option to change.
#include "daemon/config/check.hpp"

#include <algorithm>

namespace nexus {
namespace {

bool is_given(const Resolved& resolved, const std::string& name) {
  return resolved.origins.at(name).kind != Origin::Kind::standard;
}

[[noreturn]] void refuse(const Resolved& resolved, const std::string& name, const std::string& problem,
                         const std::string& remedy) {
  throw ConfigError(name, resolved.origins.at(name).source, problem, remedy);
}

// TLS is left to a proxy: without one, tokens would cross the network in the clear.
void check_loopback(const Resolved& resolved, const std::string& name, const Address& address) {
  if (address.is_loopback()) return;
  if (resolved.config.dev)
    refuse(resolved, name, "is " + address.text() + ", but --dev stays on loopback", "leave out --dev");
  if (resolved.config.insecure_listen) return;
  refuse(resolved, name, "is " + address.text() + ", beyond loopback, where tokens would travel unencrypted",
         "put a TLS proxy before a loopback address, or say --insecure-listen");
}

void check_listeners(const Resolved& resolved) {
  const auto& config = resolved.config;
  if (config.port && resolved.origins.at("listen").kind == Origin::Kind::flag) {
    refuse(resolved, "port", "and --listen exclude each other", "put the port into --listen");
  }
  for (const auto& address : config.listen) {
    check_loopback(resolved, "listen", address);
    if (address.port != 0 && std::count(config.listen.begin(), config.listen.end(), address) > 1) {
      refuse(resolved, "listen", "has " + address.text() + " twice", "remove one");
    }
  }
  if (!config.metrics_listen) return;
  check_loopback(resolved, "metrics-listen", *config.metrics_listen);
  if (std::find(config.listen.begin(), config.listen.end(), *config.metrics_listen) != config.listen.end()) {
    refuse(resolved, "metrics-listen", "is a listener of the API too", "choose another port");
  }
}

void check_s3(const Resolved& resolved) {
  if (resolved.config.blobs != BlobBackend::s3) return;
  for (const std::string name : {"s3-endpoint", "s3-access-key-file", "s3-secret-key-file"}) {
    if (!is_given(resolved, name)) refuse(resolved, "blobs", "is s3, but " + name + " is not set", "give --" + name);
  }
}

void check_development(const Resolved& resolved) {
  if (resolved.config.dev) return;
  for (const std::string name : {"ephemeral", "print-env"}) {
    if (is_given(resolved, name)) refuse(resolved, name, "belongs to --dev", "add --dev");
  }
}

}  // namespace

void check_together(const Resolved& resolved) {
  check_listeners(resolved);
  check_s3(resolved);
  check_development(resolved);
}

}  // namespace nexus
