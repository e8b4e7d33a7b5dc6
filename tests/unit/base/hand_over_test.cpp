// What a thread passes on in one go comes to each receiver once, whole and in order.
#include "daemon/base/hand_over.hpp"

#include <thread>

#include "tests/catch.hpp"

using nexus::HandOver;

namespace {

/// Runs what it is sent, and counts how often it was sent something.
struct Receiver {
  int sent = 0;
  std::vector<int> ran;
  void pass(int number) {
    HandOver::pass(
        this, [this, number] { ran.push_back(number); },
        [this](const std::vector<HandOver::Task>& tasks) {
          ++sent;
          for (const auto& task : tasks) task();
        });
  }
};

}  // namespace

TEST_CASE("what is passed while a hand-over lives is sent at its end, once for each receiver") {
  Receiver one, other;
  {
    const HandOver together;
    for (int i = 0; i < 3; ++i) {
      one.pass(i);
      other.pass(10 + i);
    }
    CHECK(one.sent + other.sent == 0);
    std::thread([&one] { one.pass(-1); }).join();  // another thread's is sent at once
    CHECK(one.ran == std::vector{-1});
  }
  CHECK(one.sent == 2);
  CHECK(one.ran == std::vector{-1, 0, 1, 2});
  CHECK(other.sent == 1);
  CHECK(other.ran == std::vector{10, 11, 12});
}

TEST_CASE("without a hand-over everything is sent at once") {
  Receiver one;
  one.pass(1);
  CHECK(one.ran == std::vector{1});
  {
    const HandOver outer;
    { const HandOver inner; }
    one.pass(2);
    CHECK(one.sent == 1);
  }
  one.pass(3);
  CHECK(one.sent == 3);
  CHECK(one.ran == std::vector{1, 2, 3});
}
