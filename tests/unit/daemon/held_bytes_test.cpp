// Bytes that requests hold are shared: nobody holds more than is free, and what is given back is free again.
#include "daemon/http/held_bytes.hpp"

#include <thread>
#include <vector>

#include "tests/catch.hpp"

namespace nexus::http {
namespace {

/// Takes pieces for the line until there is no room for one more.
std::vector<HeldBytes::Part> fill(HeldBytes& bytes, const std::string& line, std::size_t piece = 1) {
  std::vector<HeldBytes::Part> parts;
  for (bool fits = true; fits;) {
    parts.push_back(bytes.part_of(line));
    fits = parts.back().grow(piece);
  }
  parts.pop_back();
  return parts;
}

}  // namespace

TEST_CASE("one alone holds half, two a third each, and a newcomer always finds room", "[held_bytes]") {
  HeldBytes bytes(1200);
  auto first = fill(bytes, "a");
  CHECK(first.size() == 600);
  CHECK_FALSE(bytes.has_room("a"));
  CHECK(bytes.has_room("b"));
  auto second = fill(bytes, "b");
  CHECK(second.size() == 300);  // of the 600 that were free
  first.resize(400);
  second.clear();
  second = fill(bytes, "b");
  CHECK(second.size() == 400);
  CHECK_FALSE(bytes.has_room("a"));
  CHECK_FALSE(bytes.has_room("b"));
  std::vector<std::vector<HeldBytes::Part>> others;
  for (int i = 0; i < 7; ++i) {
    others.push_back(fill(bytes, "tenant " + std::to_string(i)));
    CHECK_FALSE(others.back().empty());
  }
  CHECK(bytes.all() <= 1200);
}

TEST_CASE("what a part holds is given back when it ends, and moves with it", "[held_bytes]") {
  HeldBytes bytes(1000);
  {
    HeldBytes::Part part = bytes.part_of("a");
    CHECK(part.grow(100));
    CHECK(part.grow(100));
    HeldBytes::Part moved = std::move(part);
    CHECK(moved.bytes() == 200);
    CHECK(bytes.all() == 200);
    moved = bytes.part_of("b");
    CHECK(bytes.all() == 0);
    CHECK_FALSE(moved.grow(501));
    CHECK(moved.grow(500));
    CHECK_FALSE(moved.grow(1));
    moved.release();
    CHECK(bytes.all() == 0);
  }
  CHECK(bytes.all() == 0);
}

TEST_CASE("what is there already is covered whether there is room or not, and leaves none for more", "[held_bytes]") {
  HeldBytes bytes(1000);
  HeldBytes::Part part = bytes.part_of("a");
  part.cover(5000);
  part.cover(100);  // it holds as much
  CHECK(part.bytes() == 5000);
  CHECK_FALSE(bytes.has_room("a"));
  CHECK_FALSE(bytes.has_room("b"));
  CHECK_FALSE(bytes.part_of("b").grow(1));
  part.release();
  CHECK(bytes.has_room("a"));
  CHECK(bytes.part_of("b").grow(1));
}

TEST_CASE("many threads take and give back, and nothing is left", "[held_bytes]") {
  HeldBytes bytes(10'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&bytes, line = "tenant " + std::to_string(i % 2)] {
      for (int step = 0; step < 5000; ++step) {
        HeldBytes::Part part = bytes.part_of(line);
        if (part.grow(static_cast<std::size_t>(step % 700))) part.cover(900);
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(bytes.all() == 0);
}

}  // namespace nexus::http
