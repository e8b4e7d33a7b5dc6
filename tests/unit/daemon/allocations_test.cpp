// How often the functions that each request calls allocate. A count is the same on every machine, unlike a time. The
// bounds are about twice what was measured; before, each function allocated more often than its bound.
//
// Not with sanitizers: they bring an allocator of their own, which must see every call.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cstdlib>
#include <new>

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/presign.hpp"
#include "daemon/gates/decision.hpp"
#include "daemon/http/head_gate.hpp"
#include "tests/catch.hpp"

namespace {
thread_local int allocations = 0;
}

// Not inlined: the compiler would find memory of `new` given to `free`.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nexus {
namespace {

/// Of a call after the first one, which also fills what each thread keeps.
template <class Call>
int allocations_of(Call call) {
  call();
  const int before = allocations;
  call();
  return allocations - before;
}

gates::Decision decision_of_all_gates() {
  gates::Decision decision{.decision_id = uuid_v7(), .action = "card_create", .surface = "cards", .gates = {}};
  for (const char* gate : {"kill_switch", "firearms", "strategy_lock", "budget", "kpi", "temperature"})
    decision.gates.push_back({.gate = gate, .verdict = gates::Verdict::not_configured});
  return decision;
}

}  // namespace

TEST_CASE("the text of a JSON value costs one allocation, however large it is") {
  Json value = Json::array();
  for (int i = 0; i < 100; ++i)
    value.push_back({{"id", uuid_v7()}, {"size", i}, {"checked", false}, {"etag", nullptr}});
  CHECK(allocations_of([&] { to_text(value); }) <= 2);
  CHECK(allocations_of([&] { canonical(value); }) <= 2);
}

TEST_CASE("the small parts of a request cost few allocations") {
  const std::string head =
      "POST /nexus/raw/presign-upload?a=b HTTP/1.1\r\nHost: 127.0.0.1:7700\r\nAuthorization: Bearer x\r\n"
      "X-Tenant-Id: t_a\r\nX-Env: dev\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n";
  CHECK(allocations_of([&] { http::judge_head(head); }) <= 6);
  CHECK(allocations_of([] { split("a.b.c.d.e.f", '.'); }) <= 1);
}

TEST_CASE("the gates of a decision cost few allocations") {
  const auto decision = decision_of_all_gates();
  CHECK(allocations_of([&] { decision.gates_text(); }) <= 2);
  CHECK(allocations_of([&] { decision.gates_json(); }) <= 50);
}

TEST_CASE("a presigned form costs few allocations") {
  const blobs::PostRequest request{"nexus", "tenants/t_a/dev/raw/" + uuid_v7() + "/report.txt", "text/plain"};
  const blobs::Credentials credentials{"nxl_0123456789abcdef", std::string(43, 's')};
  CHECK(allocations_of([&] { blobs::sign_post_policy(request, credentials, "local", now_micros()); }) <= 50);
}

}  // namespace nexus
#endif
