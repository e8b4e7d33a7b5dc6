// nexusctl doctor: what is wrong with the installation, as the daemon and a client see it.
#include <cstdlib>
#include <ctime>

#include "cli/commands/doctor_findings.hpp"
#include "daemon/base/clock.hpp"

namespace nexus::cli {
namespace {

const Shape kFindingsShape = {"ok", {"ok", "findings"}, {{"findings", {"id", "severity", "found", "remedy"}}}};

constexpr Micros kClockSlack = 2 * kMinute;
// The daemon reads files, and with S3 makes a round trip whose calls take 4 s each at most.
constexpr std::chrono::minutes kExaminationPatience{2};

/// The time of `Tue, 01 Dec 2026 02:26:40 GMT` (RFC 9110 5.6.7); nothing for another form.
std::optional<Micros> parse_http_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<Micros>(::timegm(&parts)) * kSecond;
}

/// The Date has whole seconds, and is of the time between request and answer.
void probe_clock(Session& session, DoctorFindings& findings) {
  const Answer answer = session.attempt({.path = "/livez", .scope = Scope::open, .retry = false});
  const auto theirs = parse_http_date(answer.http.header("date"));
  if (!theirs) return findings.add("clock.client", "note", "the answer has no Date: the clocks were not compared");
  const Micros ahead = now_micros() - *theirs;
  const std::string seconds = std::to_string(std::abs(ahead) / kSecond) + " s";
  if (std::abs(ahead) <= kClockSlack)
    return findings.add("clock.client", "ok", "the clocks of this machine and of the daemon differ by " + seconds);
  findings.add(
      "clock.client", "error",
      std::string("the clock of this machine is ") + seconds + (ahead > 0 ? " ahead of" : " behind") + " the daemon's",
      "set the wrong one by a time service: timedatectl set-ntp true");
}

void print_findings(Session& session, const DoctorFindings& findings) {
  const Settings& settings = session.settings();
  if (!settings.field && settings.format.value_or(Format::table) == Format::table)
    return session.print(findings.text(), Form::asked);
  session.print_record(findings.json(), kFindingsShape);
}

/// What the daemon finds. One whose database is away cannot even know who asks.
Json examined(Session& session) {
  try {
    return session.call({.path = "/doctor", .scope = Scope::identity, .timeout = kExaminationPatience}).json;
  } catch (Refusal& refusal) {
    // The same code says that another examination runs; then the daemon is ready.
    if (refusal.code() == "store.busy" && !refusal.problem.contains("remedy") &&
        session.attempt({.path = "/readyz", .scope = Scope::open, .retry = false}).status == 503)
      refusal.problem["remedy"] = "run nexusd doctor on the daemon's machine: it works without the database";
    throw;
  }
}

int run_doctor(Session& session, const Values& values) {
  const auto through = values.find("--through");
  DoctorFindings findings(examined(session));
  probe_clock(session, findings);
  if (through) probe_proxy(session, *through, findings);
  print_findings(session, findings);
  return static_cast<int>(findings.found_fault() ? Exit::negative : Exit::done);
}

constexpr const char* kDoctorDescription = R"(
It asks the daemon to examine its installation: data directory, disk, log, database, audit log, keys, stored files,
backups. Each finding has an id for programs, a severity (`ok`, `note`, `warning`, `error`), what was found, and the
command that mends it. A note says what was not examined. It changes nothing, and wants the system token.

`nexusd doctor`, on the machine, finds the same and more, also when no daemon runs: see nexusd(8).

It also compares this machine's clock with the daemon's. With --through it asks the same daemon through the proxy at
that address, and finds whether the proxy limits bodies, refuses WebSockets, holds back server-sent events, or hides
the Host. For this it makes a token of 60 seconds, as a viewer of the tenant and env of this run, and revokes it. The
token is sent there only where the proxy leads to the same instance. The streams are tried on a thread of the tenant,
if it has one.)";

}  // namespace

Command doctor_command() {
  return {.name = "doctor",
          .topic = Topic::operate,
          .summary = "find what is wrong with the installation, and what mends it",
          .description = kDoctorDescription,
          .exit_status = "1 on any warning or error.",
          .see_also = "nexusctl-status(1), nexusctl-top(1), nexusd(8)",
          .example =
              "nexusctl doctor\n"
              "nexusctl doctor -o json",
          .parameters = {option("--through", "URL", "also try the proxy in front of the daemon, at this address")},
          .run = run_doctor,
          .beyond_curl = "compares clocks, and tries a proxy"};
}

}  // namespace nexus::cli
