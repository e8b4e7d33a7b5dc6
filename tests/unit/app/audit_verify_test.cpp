// `nexusctl audit verify --database postgresql://…` as an auditor runs it, beside the daemon: a chain that is whole
// ends with 0, and one that somebody rewrote in the database with 11 and the row.
#include <sys/wait.h>

#include <cstdio>

#include "store/postgres/link.hpp"
#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr int kRows = 8;  // of t_dev at least

/// A daemon with some rows of t_dev, and the owner of its database.
struct Log {
  Log() {
    Client client(daemon.address());
    const Headers headers{{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
    for (int row = 0; row < kRows; ++row)
      if (client.request("POST", "/maybes/items", headers, R"({"title":"a"})").status != 201)
        throw std::runtime_error(daemon.log());
  }
  struct Verdict {
    int exit = -1;
    std::string said;
  };
  Verdict verify() const {
    const std::string words =
        program("nexusctl").string() + " audit verify -o json --database '" + server.url() + "' 2>&1";
    FILE* pipe = ::popen(words.c_str(), "r");
    Verdict verdict;
    char bytes[4096];
    for (std::size_t count = 0; (count = std::fread(bytes, 1, sizeof bytes, pipe)) > 0;)
      verdict.said.append(bytes, count);
    const int raw = ::pclose(pipe);
    verdict.exit = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
    return verdict;
  }
  void change(const std::string& script) { store::Link({.url = server.url()}).execute(script); }

  TemporaryDirectory directory;
  PostgresServer server;
  DaemonProcess daemon{{.data_dir = directory.path() / "data", .arguments = {"--database", server.url()}}};
};

}  // namespace

TEST_CASE("nexusctl verifies a database on a server, and names the row that was changed there", "[audit][engine]") {
  Log log;
  const Log::Verdict whole = log.verify();
  INFO(whole.said);
  CHECK(whole.exit == 0);
  const std::string of = " WHERE tenant_id = 't_dev' AND env = 'dev' AND seq = ";
  const std::string kept = "CREATE TABLE kept AS SELECT * FROM audit_rows" + of + "3;";
  const std::string back =
      "DELETE FROM audit_rows" + of + "3; INSERT INTO audit_rows SELECT * FROM kept; DROP TABLE kept";
  for (const auto& [change, finding] :
       {std::pair<std::string, std::string>{"UPDATE audit_rows SET body = replace(body, 'u_dev', 'u_eve')" + of + "3",
                                            " at 3"},
        {"UPDATE audit_rows SET details = '{}'" + of + "3", " at 3"},
        {"UPDATE audit_rows SET prev_hash = hash" + of + "3", " at 3"},
        {"UPDATE audit_rows SET hash = prev_hash" + of + "3", " at 3"},
        {"DELETE FROM audit_rows" + of + "3", " at 3"}}) {
    log.change(kept + change);
    const Log::Verdict broken = log.verify();
    INFO(change << "\n" << broken.said);
    CHECK(broken.exit == 11);
    CHECK_THAT(broken.said, ContainsSubstring(finding) && ContainsSubstring("t_dev"));
    log.change(back);
    CHECK(log.verify().exit == 0);
  }
}

TEST_CASE("what is no database of Nexus, or no server, is no broken log", "[audit][engine]") {
  const PostgresServer server;
  const auto exit_of = [](const std::string& address) {
    const std::string words =
        program("nexusctl").string() + " audit verify --database '" + address + "' >/dev/null 2>&1";
    return WEXITSTATUS(std::system(words.c_str()));
  };
  CHECK(exit_of(server.url()) == 2);
  CHECK(exit_of("postgresql:///nexus?host=/nonexistent") == 3);
}

}  // namespace nexus::test
