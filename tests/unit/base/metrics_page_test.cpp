// The lines of a page of metrics: heads, labels, and numbers as people read them.
#include "daemon/base/metrics_page.hpp"

#include "tests/catch.hpp"

namespace nexus {
namespace {

std::string written(double value) {
  const std::string text = MetricsPage().gauge("a", "A.").sample(value).text();
  return text.substr(text.rfind(' ') + 1);
}

TEST_CASE("a family has a head, and its samples their labels") {
  MetricsPage page;
  page.counter("nexus_a_total", "What happened").sample(3, {{"kind", "x"}, {"of", "y"}}).sample(4, {{"kind", "z"}});
  page.mean("nexus_b_seconds", "How long", 0.5, 2);
  CHECK(page.text() ==
        "# HELP nexus_a_total What happened\n# TYPE nexus_a_total counter\n"
        "nexus_a_total{kind=\"x\",of=\"y\"} 3\nnexus_a_total{kind=\"z\"} 4\n"
        "# HELP nexus_b_seconds How long\n# TYPE nexus_b_seconds summary\n"
        "nexus_b_seconds_sum 0.5\nnexus_b_seconds_count 2\n");
}

TEST_CASE("whole numbers are written whole, others as short as they read back") {
  CHECK(written(0) == "0\n");
  CHECK(written(68719476736) == "68719476736\n");
  CHECK(written(1796092885.25) == "1796092885.25\n");
  CHECK(written(0.1) == "0.1\n");
  CHECK(written(-2) == "-2\n");
}

}  // namespace
}  // namespace nexus
