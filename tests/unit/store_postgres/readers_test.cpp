// The pool of connections that read.
#include "store/postgres/readers.hpp"
#include "databases.hpp"
#include "tests/support/relay.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a read to which no answer comes, because its connection is half open, ends soon after its time") {
  const NewDatabase made;
  nexus::test::Relay relay(server().socket_directory(), milliseconds(0));
  PostgresReaders readers({.url = "postgresql://nexus@/" + made.name() + "?host=" + relay.socket_directory().string()},
                          2, milliseconds(500));
  const auto read = [&] { integer_of(readers.lease().reader().query("SELECT 1")); };
  read();
  relay.swallow();
  const auto start = std::chrono::steady_clock::now();
  CHECK(failure_of(read) != Failure::none);  // a new connection, too, gets no answer
  CHECK(std::chrono::steady_clock::now() - start < seconds(10));
  relay.carry();
  CHECK(failure_of(read) == Failure::none);
}
