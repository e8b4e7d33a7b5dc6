// What a machine remembers of audit logs: what a later receipt may replace, and what it may not.
#include "cli/engine/witness.hpp"

#include <fstream>
#include <sstream>

#include "tests/catch.hpp"

using namespace nexus::cli;

namespace {

const SeenChain kChain{"i-1", "t_acme", "prod"};

/// A directory of its own, and a daemon that answers as its test says.
struct Machine {
  std::filesystem::path directory;
  Witness witness{make(directory)};
  std::optional<std::string> says;  // of the row asked for
  std::vector<std::int64_t> asked = {};

  ~Machine() { std::filesystem::remove_all(directory); }
  static const std::filesystem::path& make(std::filesystem::path& directory) {
    char pattern[] = "/tmp/nexus-witness-XXXXXX";
    return directory = ::mkdtemp(pattern);
  }
  std::string see(std::int64_t seq, const std::string& hash, const SeenChain& chain = kChain) {
    return witness.see(chain, {seq, hash}, [this](std::int64_t row) {
      asked.push_back(row);
      return says;
    });
  }
  std::string rows(const SeenChain& chain = kChain) const {
    std::string text;
    for (const auto& row : witness.seen(chain)) text += std::to_string(row.seq) + row.hash + " ";
    return text;
  }
  std::string file() const {
    std::ifstream in(directory / "witness.json");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
};

bool says(const std::string& complaint, const std::string& text) { return complaint.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("the newest row of a chain is kept, and one that follows it needs no question") {
  Machine machine;
  CHECK(machine.see(7, "a").empty());
  CHECK(machine.see(8, "b").empty());
  CHECK(machine.see(8, "b").empty());
  CHECK(machine.rows() == "8b ");
  CHECK(machine.asked.empty());
}

TEST_CASE("before a jump the daemon is asked for the row that is kept") {
  Machine machine;
  machine.see(7, "a");
  SECTION("it is what it was") {
    machine.says = "a";
    CHECK(machine.see(12, "b").empty());
    CHECK(machine.rows() == "12b ");
  }
  SECTION("it has another hash") {
    machine.says = "x";
    CHECK(says(machine.see(12, "b"), "contradicts"));
    CHECK(machine.rows() == "12b ");
    CHECK(says(machine.file(), "\"hash\": \"a\""));  // set aside, as evidence
  }
  SECTION("nobody may say: both are held against the log") {
    CHECK(machine.see(12, "b").empty());
    CHECK(machine.see(13, "c").empty());
    CHECK(machine.see(20, "d").empty());
    CHECK(machine.rows() == "20d 7a ");
    machine.witness.proved(kChain, {21, "e"});
    CHECK(machine.rows() == "21e ");
  }
  CHECK(machine.asked.front() == 7);
}

TEST_CASE("a row that comes again with another hash contradicts, without a question") {
  Machine machine;
  machine.see(7, "a");
  CHECK(says(machine.see(7, "b"), "contradicts"));
  CHECK(machine.asked.empty());
}

TEST_CASE("a head that went back is told, an older receipt that is given again is not") {
  Machine machine;
  machine.see(7, "a");
  SECTION("the row is there") {
    machine.says = "a";
    CHECK(machine.see(3, "b").empty());
    CHECK(machine.rows() == "7a ");
  }
  SECTION("nobody may say") {
    CHECK(machine.see(3, "b").empty());
    CHECK(machine.rows() == "7a ");
  }
  SECTION("the row is gone") {
    machine.says = "";
    CHECK(says(machine.see(3, "b"), "went back"));
    CHECK(machine.rows() == "3b ");
  }
}

TEST_CASE("after a question the next row may be that of the question itself") {
  Machine machine;
  machine.says = "a";
  machine.see(7, "a");
  machine.see(9, "b");   // asks for 7, which the system's own look writes as row 10
  machine.see(11, "c");  // no question: 10 is known
  CHECK(machine.asked == std::vector<std::int64_t>{7});
}

TEST_CASE("installations are kept apart, whatever address they answer at") {
  Machine machine;
  machine.see(7, "a");
  const SeenChain other{"i-2", kChain.tenant, kChain.env};
  CHECK(machine.see(7, "b", other).empty());
  CHECK(machine.rows() == "7a ");
  CHECK(machine.rows(other) == "7b ");
}

TEST_CASE("a file that is damaged, or of an older nexusctl, is begun anew") {
  Machine machine;
  for (const char* text : {"", "nonsense", "[]", "{\"http://x t dev\": {\"seq\": 1, \"hash\": \"a\"}}",
                           "{\"chains\": 7, \"set aside\": {}}", "{\"chains\": {\"i-1 t_acme prod\": 7}}"}) {
    std::ofstream(machine.directory / "witness.json") << text;
    CHECK(machine.rows().empty());
    CHECK(machine.see(7, "a").empty());
    CHECK(machine.rows() == "7a ");
  }
}
