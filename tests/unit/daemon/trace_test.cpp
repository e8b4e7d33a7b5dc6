// Request ids and trace ids: what a client may choose, and what is replaced.
#include "daemon/http/exchange.hpp"

#include "tests/catch.hpp"

namespace nexus::http {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";

std::string parent(const std::string& version, const std::string& trace, const std::string& span,
                   const std::string& rest) {
  return version + "-" + trace + "-" + span + "-" + rest;
}

bool kept(const std::string& sent) {
  RequestHead head;
  head.fields = {{"x-request-id", sent}};
  return request_id_of(head) == sent;
}

TEST_CASE("a well-formed traceparent gives its trace id") {
  CHECK(trace_id_of(parent("00", kTrace, kParent, "01")) == kTrace);
  CHECK(trace_id_of(parent("00", kTrace, kParent, "00")) == kTrace);
  CHECK(trace_id_of(parent("00", kTrace, kParent, "ff")) == kTrace);
}

TEST_CASE("a later version may bring more behind the flags, version 00 may not") {
  CHECK(trace_id_of(parent("01", kTrace, kParent, "01")) == kTrace);
  CHECK(trace_id_of(parent("cc", kTrace, kParent, "01-what-will-be")) == kTrace);
  CHECK_FALSE(trace_id_of(parent("00", kTrace, kParent, "01-more")));
  CHECK_FALSE(trace_id_of(parent("00", kTrace, kParent, "01-")));
}

TEST_CASE("a traceparent that breaks the grammar gives none") {
  const std::string good = parent("00", kTrace, kParent, "01");
  std::string upper = kTrace;
  upper[1] = 'B';
  for (const std::string& bad : {std::string(),
                                 std::string("-"),
                                 std::string("---"),
                                 parent("ff", kTrace, kParent, "01"),
                                 parent("0", kTrace, kParent, "01"),
                                 parent("000", kTrace, kParent, "01"),
                                 parent("zz", kTrace, kParent, "01"),
                                 parent("00", std::string(32, '0'), kParent, "01"),
                                 parent("00", kTrace, std::string(16, '0'), "01"),
                                 parent("00", upper, kParent, "01"),
                                 parent("00", kTrace.substr(1), kParent, "01"),
                                 parent("00", kTrace + "a", kParent, "01"),
                                 parent("00", kTrace, kParent.substr(1), "01"),
                                 parent("00", kTrace, kParent + "a", "01"),
                                 parent("00", kTrace, kParent, "1"),
                                 parent("00", kTrace, kParent, "001"),
                                 parent("00", kTrace, kParent, ""),
                                 " " + good,
                                 good + " ",
                                 parent("00", kTrace.substr(1) + "g", kParent, "01"),
                                 good.substr(0, good.size() - 3)}) {
    INFO(bad);
    CHECK_FALSE(trace_id_of(bad));
  }
}

TEST_CASE("a client's request id of 1 to 64 plain characters is kept") {
  CHECK(kept("a"));
  CHECK(kept("A.b_c-9"));
  CHECK(kept(std::string(64, 'x')));
}

TEST_CASE("any other request id is replaced by one of ours") {
  for (const std::string& sent : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a\nb"),
                                  std::string("é"), std::string("a/b"), std::string("\"a\"")}) {
    INFO(sent);
    CHECK_FALSE(kept(sent));
  }
  CHECK(request_id_of({}).size() == 36);
  CHECK(request_id_of({}) != request_id_of({}));
}

}  // namespace
}  // namespace nexus::http
