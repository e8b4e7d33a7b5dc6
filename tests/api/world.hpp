// What the API tests act in: a daemon with tenants, people of every role and their tokens, made through its public
// surface. Every answer that passes through `World::call` is held to the promises that stand for all answers; and after
// every test the audit log must hold exactly the mutations and the gates' refusals that were answered.
#pragma once
#include <set>
#include <string>
#include <string_view>

#include "tests/api/audit_watch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/second_daemon.hpp"
#include "tests/support/turns.hpp"

namespace nexus::test {

struct Person {
  std::string id;  // "system" for the holder of the system token
  std::string token;
};

/// A tenant with one member of each role.
struct Tenant {
  std::string id;
  Person owner, admin, member, viewer;
  const Person& at(const std::string& role) const;
};

struct StoredFile {
  std::string asset_id, filename, content;
};

/// `base` with the fields of `more` set over or beside its own.
Headers with(Headers base, const Headers& more);
Headers without(Headers base, std::string_view name);
/// A multipart/form-data body (and its Content-Type) of these fields, with `content` as the file.
std::pair<std::string, std::string> form_of(const Json& fields, const std::string& content);

class World {
 public:
  /// With a second daemon where the running test case has one.
  explicit World(DaemonOptions options = {});
  /// Looks at the audit log for the last time.
  ~World();

  /// The first, to whose address requests go.
  DaemonProcess& daemon() { return daemon_; }
  int daemons() const { return second_ == nullptr ? 1 : 2; }
  /// What all wrote to standard error so far, one after the other.
  std::string log() const;
  void signal(int number);
  /// Waits for the end of all. Answers their exit status, of the first that failed.
  int wait();
  /// SIGTERM to all, then wait.
  int stop();
  const Person& root() const { return root_; }
  const Person& dev() const { return dev_; }  // owner of t_dev

  Answer call(const std::string& method, const std::string& target, const Headers& headers = {},
              const std::string& body = {});
  /// To be told of answers that a test got by a client of its own, if they were to change something.
  void saw(const Answer& answer) { audit_.saw(answer); }
  /// Holds the audit log against all answers so far, while no request is under way.
  void judge_audit();
  Answer call(const std::string& method, const std::string& target, const Headers& headers, const Json& body);

  /// Authorization, and for the system token a reason.
  static Headers as(const Person& who);
  /// The same with a tenant and an env.
  static Headers in(const Person& who, const std::string& tenant, const std::string& env = "dev");

  std::string new_id(const std::string& prefix);  // never given twice: t_7
  Person new_person();
  /// A token made by the system token; `wish` is the body of POST /tokens without user_id.
  std::string new_token(const std::string& user_id, Json wish = Json::object());
  std::string new_tenant();
  Tenant new_tenant_with_members();
  void set_member(const std::string& tenant, const std::string& user_id, const std::string& role);
  void set_status(const std::string& tenant, const std::string& status);
  Answer put_kill_switches(const Person& who, const std::string& tenant, const Json& body,
                           const std::string& env = "dev");

  Json presign(const Person& who, const std::string& tenant, const std::string& filename,
               const std::string& env = "dev");
  /// POSTs the file to the form that presign answered.
  Answer upload(const Json& presigned, const std::string& content);
  /// Presigned and uploaded, not registered.
  StoredFile uploaded(const Person& who, const std::string& tenant, const std::string& env = "dev");
  StoredFile registered(const Person& who, const std::string& tenant, const std::string& env = "dev");

 private:
  void judge(const Answer& answer);

  DaemonProcess daemon_;
  std::unique_ptr<SecondDaemon> second_;
  std::unique_ptr<const Turns> turns_;
  Client client_;
  Person root_, dev_;
  AuditWatch audit_;
  int next_ = 0;
  std::set<std::string> explained_;  // codes whose page was looked at
};

/// One daemon for all tests that do not need their own. Tests make their own tenants in it. Who asks for it judges the
/// audit log of whoever had it before.
World& shared_world();

/// One in which staging is as dev: gates that nobody configured let pass. For what needs a second env to write in.
World& lenient_world();

/// For a case about what SQLite alone has, such as its file: `if (skipped_on_postgres("why")) return;`. Where the store
/// is PostgreSQL it prints the reason, and ./dev counts the case as skipped.
bool skipped_on_postgres(std::string_view reason);

/// Nothing in the tests' own way is limited by rates unless a test says so.
DaemonOptions unlimited();

}  // namespace nexus::test
