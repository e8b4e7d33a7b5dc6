// The service manager hears that the daemon lives only while each of its parts answers.
#include "daemon/app/watchdog.hpp"

#include "tests/catch.hpp"

using nexus::app::Pulse;

namespace {

/// A part that keeps what it is asked until the test answers.
struct Part {
  std::vector<Pulse::Question> asked;
  int times = 0;
  bool takes = true;

  Pulse::Part named(std::string_view name) {
    return {name, [this](Pulse::Question question) {
              ++times;
              if (takes) asked.push_back(std::move(question));
              return takes;
            }};
  }
  void answer() { asked.clear(); }
};

}  // namespace

TEST_CASE("a round is good when every part answered the one before", "[watchdog]") {
  Part sockets, writer;
  Pulse pulse({sockets.named("sockets"), writer.named("writer")});
  CHECK(pulse.silent_parts().empty());  // nobody was asked yet
  sockets.answer();
  writer.answer();
  CHECK(pulse.silent_parts().empty());
  sockets.answer();
  CHECK(pulse.silent_parts() == "writer");
  CHECK(pulse.silent_parts() == "sockets,writer");
  sockets.answer();
  writer.answer();
  CHECK(pulse.silent_parts().empty());
}

TEST_CASE("a part that hangs is asked once, and its late answer counts", "[watchdog]") {
  Part writer;
  Pulse pulse({writer.named("writer")});
  pulse.silent_parts();
  for (int i = 0; i < 10; ++i) CHECK(pulse.silent_parts() == "writer");
  CHECK(writer.times == 1);
  writer.answer();
  CHECK(pulse.silent_parts().empty());
  CHECK(writer.times == 2);
}

TEST_CASE("a part that takes no question is silent until it takes one and answers", "[watchdog]") {
  Part writer;
  writer.takes = false;
  Pulse pulse({writer.named("writer")});
  pulse.silent_parts();
  CHECK(pulse.silent_parts() == "writer");
  writer.takes = true;
  CHECK(pulse.silent_parts() == "writer");
  writer.answer();
  CHECK(pulse.silent_parts().empty());
}
