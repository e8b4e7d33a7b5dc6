// Runs the daemon with a configuration until it must stop.
#include <cstdio>

#include "daemon/app/backup_record.hpp"
#include "daemon/app/commands.hpp"
#include "daemon/app/development.hpp"
#include "daemon/app/disk.hpp"
#include "daemon/app/doctor/examine.hpp"
#include "daemon/app/figures.hpp"
#include "daemon/app/housekeeping.hpp"
#include "daemon/app/inherited_sockets.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/live_settings.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/app/otlp.hpp"
#include "daemon/app/process.hpp"
#include "daemon/app/s3_metrics.hpp"
#include "daemon/app/serve.hpp"
#include "daemon/app/server_options.hpp"
#include "daemon/app/server_told.hpp"
#include "daemon/app/service_manager.hpp"
#include "daemon/app/shared_store.hpp"
#include "daemon/app/standing.hpp"
#include "daemon/app/watchdog.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "daemon/backup/backups.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/config/resolve.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/net/server.hpp"
#include "daemon/http/openapi.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/net/runner.hpp"
#include "daemon/rails/rails.hpp"
#include "daemon/system/routes.hpp"

namespace nexus::app {
namespace {

using http::net::Endpoint;
using http::net::Server;

std::string text_of(const Endpoint& endpoint) { return Address{endpoint.host, endpoint.port}.text(); }

/// Everything that lives while the daemon serves, in the order in which it must end (last first).
class Daemon {
 public:
  Daemon(const Config& config, LiveSettings& settings, const InheritedSockets& inherited, ServiceManager& manager)
      : config_(config),
        settings_(settings),
        inherited_(inherited),
        manager_(manager),
        server_(std::make_unique<Server>(server_options(config))),
        installation_(installation_options()),
        disk_({installation_.directory().path(), config.uses_postgres() ? 0 : config.audit_reserve_bytes,
               !config.ephemeral && !config.uses_postgres()}),
        rails_(std::make_unique<rails::Rails>(installation_.database(), rails_options(config))),
        checkpoints_(installation_.database(), required_checkpoint_key(installation_, config),
                     installation_.instance_id()),
        bearers_(first_trusted_keys(installation_, config),
                 [this] { return installation_.database().leadership().agreed_key(); }),
        guard_(bearers_),
        storage_(config, installation_.directory(), [this](const auto& report) { s3_metrics_.take(report); }),
        housekeeping_(installation_.database(), storage_.blobs(), installation_.instance_id(),
                      Housekeeping::Times::of(config),
                      [this](std::function<void()> task) { server_->storage().run("", std::move(task)); }),
        backups_({.database = installation_.file(),
                  .data_dir = installation_.directory().path(),
                  .home = {.store = storage_.files(),
                           .bucket = config.s3_bucket,
                           .where = object_place(config, installation_.directory().path())},
                  .reserve_bytes = config.audit_reserve_bytes}) {
    keep_object_home(installation_.database(), config);
    if (!config.otlp_endpoint.empty())
      otlp_ = std::make_unique<OtlpExporter>(config.otlp_endpoint, installation_.instance_id());
    if (config.dev) dev_token_ = make_dev_identity(installation_, bearers_);
  }

  ~Daemon() { stop(); }

  /// Serves nothing.
  std::string openapi() {
    return http::openapi_text(all_routes(), {config_.default_requests, config_.default_window_seconds}).text;
  }

  int run() {
    const auto bound = open_listeners(*server_, inherited_.listen, config_.listen);
    dispatcher_ =
        std::make_unique<http::Dispatcher>(all_routes(), installation_.database(), guard_, dispatcher_options(bound));
    openapi_ = http::openapi_text(dispatcher_->routes(), {config_.default_requests, config_.default_window_seconds});
    server_->every(std::chrono::milliseconds(100), [this] { dispatcher_->tick(); });
    rails_->judge_by([this](const store::Reader& reader, const http::Route& route, const Caller& caller) {
      return dispatcher_->admission().refusal_now(reader, route, caller);
    });
    rails_->on_look([this](const auto& facts) { shared_.look(facts); });
    server_->run_streams(*stream_runner_);
    server_->on_drain([this] {
      installation_.directory().tell_address("");
      manager_.stopping("stopping: requests under way are finished");
      rails_->drain();
    });
    look_at_files();
    server_->every(std::chrono::seconds(1), [this] { look_at_files(); });
    server_->every(std::chrono::milliseconds(250), [this] { rails_->tick(); });
    server_->every(std::chrono::milliseconds(250), [this] {
      if (take_hangup()) server_->background().run("keys", [this] { reload(); });
      checkpoints_.tick();
      if (rails_->take_chores()) keep_house();
    });
    server_->every(std::chrono::minutes(1), [this] {
      dispatcher_->tidy();
      keep_house();
    });
    server_->storage().try_run("", [this] { storage_.sweep([this] { return !stopping_; }); });
    keep_house();
    serve_metrics();
    server_->serve(*dispatcher_, [&] { announce(bound); });
    stop();
    log::info("stopped");
    return failed_ ? 1 : 0;
  }

 private:
  InstallationOptions installation_options() {
    if (config_.ephemeral) ephemeral_.emplace();
    InstallationOptions options = InstallationOptions::of(config_);
    if (ephemeral_) options.data_dir = ephemeral_->path();
    options.use = StoreUse::serves;
    options.development = config_.dev;
    options.on_fatal = [this](const store::Error& error) { on_fatal(error); };
    return options;
  }

  /// At SIGHUP, one at a time.
  void reload() {
    manager_.reloading();
    settings_.read_again();
    for (const auto* dispatcher : {&dispatcher_, &metrics_dispatcher_})
      if (*dispatcher) (*dispatcher)->answers().access_log().renew(access_options(settings_.config()));
    renew_keys([this] { return installation_.take_next_root(); });
    manager_.ready(serving_);
  }

  /// Takes the keys that sign tokens and, if `take_root` finds one, another system token. Callers of a removed key are
  /// refused, on open streams too.
  void renew_keys(const std::function<bool()>& take_root) {
    try {
      const bool root = take_root();
      Keyring keys = renewed_keys(installation_, config_);
      bearers_.renew(keys);
      installation_.tell_keys(keys, false);
      const std::string kid = keys.signing_kid(installation_.database().leadership().agreed_key());
      rails_->permissions_changed();
      log::info("the keys were read again", {{"signs", kid}, {"system_token", root ? "a new one" : "as before"}});
    } catch (const std::exception& error) {
      log::error("the keys could not be read again and are as before", {{"cause", error.what()}});
    }
  }

  SharedStoreEvents store_events() {
    const auto take = [this](const std::string& root) {
      server_->background().try_run(
          "keys", [this, root] { renew_keys([this, root] { return installation_.trust_root(root); }); });
    };
    return {.root_in_force = [this] { return bearers_.keys()->root_sha256(); },
            .root_changed = take,
            .moved = [this](const std::string& to) { end("the store was moved: nexusd ends", to); }};
  }

  std::vector<system::Check> checks() { return readiness_of(installation_, disk_, checkpoints_, storage_, config_); }

  system::SystemOptions system_options(bool open) {
    return {.open_metrics = open,
            .instance_id = installation_.instance_id(),
            .checkpoint_key = checkpoints_.key().text(),
            .checks = [this] { return checks(); },
            .metrics = [this](const store::Reader* reader) { return metrics_text(reader); },
            .openapi = [this]() -> const http::OpenApiText& { return openapi_; },
            .require_system = [this](const RequestHead& head) { guard_.require_system(head); },
            .read = [this] { return installation_.database().read(); },
            .examine = [this] { return examine(); }};
  }

  Json examine() {
    const doctor::Within within{.data_dir = installation_.directory().path(),
                                .is_damaged = installation_.database().is_damaged(),
                                .lost_its_log = installation_.lost_its_log(),
                                .stopping = [this] { return stopping_.load(); }};
    return doctor::examine(config_, {.within = &within}).json();
  }

  std::string metrics_text(const store::Reader* reader) {
    const Figures figures{.file = file_figures(installation_.file()),
                          .free_bytes = disk_.free_bytes(),
                          .reserve_bytes = disk_.reserve_bytes(),
                          .connections_max = connections_allowed(),
                          .checkpoint_at = reader != nullptr ? checkpoints_.newest(*reader) : 0,
                          .leadership = &installation_.database().leadership(),
                          .lanes = {{"long_reads", server_->long_reads().load()},
                                    {"storage", server_->storage().load()},
                                    {"background", server_->background().load()}},
                          .checks = checks()};
    return figures_text(figures, reader) +
           dispatcher_->answers().metrics().text(installation_.database().writer().stats()) + s3_metrics_.text() +
           rails_->metrics_text() + housekeeping_.metrics_text(reader) + (otlp_ ? otlp_->metrics_text() : "") +
           server_news_.metrics_text() + (figures.file ? backup_metrics_text(installation_.directory().path()) : "");
  }

  http::DispatcherOptions dispatcher_options(const std::vector<Endpoint>& bound) {
    http::DispatcherOptions options;
    for (const auto& endpoint : bound) options.origins.listen.push_back(text_of(endpoint));
    options.origins.allowed_hosts = config_.allowed_hosts;
    options.origins.cors_origins = config_.cors_origins;
    options.origins.public_url = config_.public_url;
    options.access = access_options(config_);
    options.spans = otlp_.get();
    options.default_quota = {config_.default_requests, config_.default_window_seconds};
    options.instance_id = installation_.instance_id();
    options.refuse_local_blobs_in_prod = refuses_prod(config_);
    options.strict = gates::Strictness(config_.strict_envs);
    options.disk_is_low = [this] { return disk_.is_low(); };
    options.make_room = [this] { return disk_.make_room(); };
    options.storage = &server_->storage();
    options.long_reads = &server_->long_reads();
    options.permissions_changed = [this] { rails_->permissions_changed(); };
    options.keep_house = [this] {
      installation_.database().leadership().term() ? keep_house() : rails_->tell_chores();
    };
    options.daemons = [this] { return installation_.database().leadership().daemons(); };
    return options;
  }

  http::RouteTable all_routes() {
    http::RouteTable routes;
    domain::add_routes_of_slices(routes, {.bearers = bearers_,
                                          .blobs = storage_.blobs(),
                                          .local_blobs = storage_.local(),
                                          .system = system_options(config_.dev),
                                          .upload_bytes_max = config_.upload_bytes,
                                          .digest_required = [this](Env env) { return config_.digest_required(env); },
                                          .strict = gates::Strictness(config_.strict_envs),
                                          .refuse_local_blobs_in_prod = refuses_prod(config_),
                                          .default_quota = {config_.default_requests, config_.default_window_seconds},
                                          .database = installation_.database(),
                                          .checkpoints = checkpoints_,
                                          .rails = *rails_,
                                          .backups = backups_});
    return routes;
  }

  void look_at_files() {
    server_news_.look();
    disk_.look();
    if (disk_.wants_reserve())
      server_->background().try_run("reserve", [this] { disk_.keep_reserve([this] { return stopping_.load(); }); });
    const std::string replaced = installation_.directory().find_replaced();
    if (replaced.empty() || failed_) return;
    failed_ = true;
    const store::Error error(store::Failure::replaced, replaced);
    installation_.file() != nullptr ? installation_.file()->writer().halt(error) : on_fatal(error);
  }

  /// Begins housekeeping, or has the one that runs look again. From any thread; does not wait.
  void keep_house() {
    if (housekeeping_.ask_for_rows()) server_->background().try_run("rows", [this] { housekeeping_.run_rows(); });
    if (housekeeping_.ask_for_objects()) server_->storage().run("", [this] { housekeeping_.run_objects(); });
  }

  void serve_metrics() {
    std::vector<Address> wanted;
    if (config_.metrics_listen) wanted.push_back(*config_.metrics_listen);
    if (wanted.empty() && inherited_.metrics.empty()) return;
    metrics_server_ = std::make_unique<Server>(
        http::net::ServerOptions{.threads = 1, .long_reads = 1, .background = 1, .name = "m-"});
    const auto bound = open_listeners(*metrics_server_, inherited_.metrics, wanted);
    http::RouteTable routes;
    system::add_system_routes(routes, system_options(true));
    metrics_dispatcher_ = std::make_unique<http::Dispatcher>(std::move(routes), installation_.database(), guard_,
                                                             dispatcher_options(bound));
    metrics_server_->every(std::chrono::milliseconds(100), [this] { metrics_dispatcher_->tick(); });
    metrics_thread_ = std::thread([this, bound] {
      name_thread("metrics");
      metrics_server_->serve(*metrics_dispatcher_, [bound] {
        log::info("metrics", {{"listen", text_of(bound.front())}});
      });
    });
  }

  void announce(const std::vector<Endpoint>& bound) {
    std::string listening;
    for (const auto& endpoint : bound) listening += (listening.empty() ? "" : ",") + text_of(endpoint);
    serving_ = "serving on " + listening;
    // For the commands that run beside the daemon and ask it: nexusd backup create.
    installation_.directory().tell_address(text_of(bound.front()));
    tell_start(config_, installation_, disk_, listening, !inherited_.listen.empty());
    if (const auto limit = watchdog_limit())
      watchdog_.emplace(*limit, watched_parts(*server_, installation_.file()), [this] { manager_.alive(); });
    manager_.ready(serving_);
    if (!config_.print_env) return;
    const std::string lines =
        environment_lines("http://" + text_of(bound.front()), dev_token_, installation_.directory().root_token());
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    std::fflush(stdout);
  }

  void on_fatal(const store::Error& error) { end(fatal_words(error), error.what()); }

  void end(const char* why, const std::string& cause) {
    log::error(why, {{"cause", cause}});
    failed_ = true;
    server_->stop(std::chrono::seconds(1));
  }

  /// Signs everything written since the last notes, before the process ends, unless another daemon leads.
  void last_checkpoint() try {
    if (!failed_) checkpoints_.finish();
  } catch (const std::exception& error) {
    log::error("the last audit checkpoint could not be made", {{"cause", error.what()}});
  }

  void stop() {
    stopping_ = true;
    if (rails_) rails_->on_look({});
    watchdog_.reset();
    housekeeping_.stop();
    storage_.stop();
    if (metrics_thread_.joinable()) {
      metrics_server_->stop(std::chrono::seconds(1));
      metrics_thread_.join();
    }
    metrics_server_.reset();
    if (dispatcher_) {
      dispatcher_->flush();
      last_checkpoint();
    }
    installation_.close();
    if (rails_) rails_->abandon();
    server_.reset();  // abandoned work ends here, while everything it refers to still exists
    metrics_dispatcher_.reset();
    dispatcher_.reset();
    rails_.reset();
  }

  const Config& config_;
  LiveSettings& settings_;  // of reload() alone
  const InheritedSockets& inherited_;
  ServiceManager& manager_;
  std::string serving_;  // set before the first request
  std::optional<EphemeralDirectory> ephemeral_;
  std::atomic<bool> failed_{false}, stopping_{false};
  S3Metrics s3_metrics_;
  std::unique_ptr<OtlpExporter> otlp_;  // null: nobody wants traces
  std::unique_ptr<Server> server_;      // before the store: the store's last units may use it
  Installation installation_;
  ServerNews server_news_{installation_.server()};
  Disk disk_;
  std::unique_ptr<http::net::StreamRunner> stream_runner_ = rails::net::make_runner();
  std::unique_ptr<rails::Rails> rails_;
  SharedStore shared_{installation_.database(), installation_.instance_id(), store_events()};
  audit::Checkpoints checkpoints_;
  Bearers bearers_;
  Guard guard_;
  ObjectStorage storage_;
  Housekeeping housekeeping_;
  backup::Backups backups_;
  std::string dev_token_;
  std::unique_ptr<http::Dispatcher> dispatcher_;
  http::OpenApiText openapi_;
  std::unique_ptr<Server> metrics_server_;
  std::unique_ptr<http::Dispatcher> metrics_dispatcher_;
  std::thread metrics_thread_;
  std::optional<Watchdog> watchdog_;
};

}  // namespace

int serve(const ConfigSources& sources, const Resolved& start) {
  const Config& config = start.config;
  configure_log(config);
  const InheritedSockets inherited = inherited_sockets(config);
  LiveSettings settings(sources, start);
  ServiceManager manager;
  manager.tell("opening the database");
  return Daemon(config, settings, inherited, manager).run();
}

std::string openapi_document(Config config) {
  config.dev = false;
  config.ephemeral = true;
  config.database.clear();
  config.jwt_secret_file.clear();  // no token is judged
  LiveSettings settings({}, {.config = config, .origins = {}, .file = {}});
  const InheritedSockets none;
  ServiceManager nobody;
  return Daemon(config, settings, none, nobody).openapi();
}

}  // namespace nexus::app
