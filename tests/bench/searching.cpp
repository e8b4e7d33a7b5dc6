#include "tests/bench/searching.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "daemon/base/json.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {
namespace {

constexpr int kTenants = 5;
constexpr int kVocabulary = 20'000;
constexpr int kWordsOfACard = 120;
constexpr double kWritesPerSecond = 500;

std::string word(int rank) { return "w" + std::to_string(rank); }

/// Texts whose words are as frequent as those of a language: the n-th as 1/n (Zipf).
class Texts {
 public:
  explicit Texts(unsigned seed) : random_(seed) {
    double sum = 0;
    for (int rank = 1; rank <= kVocabulary; ++rank) sums_.push_back(sum += 1.0 / rank);
  }
  std::string card() {
    std::string out = "card_type: note\ntitle: " + next() + " " + next() + "\n---\n";
    for (int i = 0; i < kWordsOfACard; ++i) out += next() + (i % 12 == 11 ? ".\n" : " ");
    return out;
  }
  int between(int least, int most) { return std::uniform_int_distribution<>(least, most)(random_); }

 private:
  std::string next() {
    const double at = std::uniform_real_distribution<>(0, sums_.back())(random_);
    return word(static_cast<int>(std::ranges::lower_bound(sums_, at) - sums_.begin()));
  }
  std::mt19937 random_;
  std::vector<double> sums_;
};

class Searching {
 public:
  Searching(const std::filesystem::path& data, std::chrono::milliseconds each)
      : daemon_(options_of(data)), each_(each) {
    test::Client client(daemon_.address());
    for (int i = 0; i < kTenants; ++i) {
      const std::string tenant = "t_bench_" + std::to_string(i);
      call(client, "POST", "/tenants", {{"tenant_id", tenant}, {"name", tenant}});
      call(client, "PUT", "/tenants/" + tenant + "/members/u_dev", {{"role", "owner"}});
      tenants_.push_back(tenant);
    }
  }

  Measured load(int cards) {
    // Made before, so that their making is not measured.
    Texts texts(1);
    std::vector<std::string> requests;
    for (int i = 0; i < cards; ++i) requests.push_back(card_request(texts, i));
    Load load = load_of(64);
    load.duration = std::chrono::minutes(30);
    std::atomic<std::size_t> sent = 0;
    load.next = [&](int, std::string& out) {
      const std::size_t index = sent++;
      if (index >= requests.size()) return false;
      out = requests[index];
      return true;
    };
    return drive(load);
  }

  /// Two words of ranks between `least` and `most`, again and again others.
  SearchFigure measure(std::string words, int least, int most, int second_least, int second_most) {
    Texts ranks(2);
    Load searches = load_of(1);
    searches.next = [&](int, std::string& out) {
      const Json body = {
          {"query_text", word(ranks.between(least, most)) + " " + word(ranks.between(second_least, second_most))}};
      out = request_text("POST", "/nexus/search", fields_of(tenants_[1], "application/json"), body.dump());
      return true;
    };
    SearchFigure figure{std::move(words), drive(searches), {}, {}};
    Texts texts(3 + static_cast<unsigned>(least));
    int written = 0;
    Load writes = load_of(16);
    writes.per_second = kWritesPerSecond;
    std::mutex mutex;
    writes.next = [&](int, std::string& out) {
      const std::lock_guard lock(mutex);
      out = card_request(texts, written++);
      return true;
    };
    std::thread beside([&] { figure.writes = drive(writes); });
    figure.beside = drive(searches);
    beside.join();
    return figure;
  }

 private:
  static test::DaemonOptions options_of(const std::filesystem::path& data) {
    test::DaemonOptions options;
    options.data_dir = data;
    options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
    return options;
  }
  void call(test::Client& client, const char* method, const std::string& target, const Json& body) const {
    const auto answer = client.request(
        method, target, {{"Authorization", "Bearer " + daemon_.root_token()}, {"X-Reason", "a bench"}}, body.dump());
    if (answer.status / 100 != 2) throw std::runtime_error(target + " answered " + answer.body);
  }
  std::string fields_of(const std::string& tenant, const std::string& type) const {
    return "Authorization: Bearer " + daemon_.token() + "\r\nX-Tenant-Id: " + tenant +
           "\r\nX-Env: dev\r\nContent-Type: " + type + "\r\n";
  }
  std::string card_request(Texts& texts, int number) const {
    const auto& tenant = tenants_[static_cast<std::size_t>(number) % tenants_.size()];
    return request_text("POST", "/nexus/cards", fields_of(tenant, "text/markdown"), texts.card());
  }
  Load load_of(int connections) const {
    Load load;
    load.port = daemon_.port();
    load.connections = connections;
    load.duration = each_;
    return load;
  }

  test::DaemonProcess daemon_;
  std::chrono::milliseconds each_;
  std::vector<std::string> tenants_;
};

}  // namespace

SearchFigures measure_search(const std::filesystem::path& data, int cards, std::chrono::milliseconds each) {
  Searching searching(data, each);
  SearchFigures figures{searching.load(cards), {}};
  figures.figures.push_back(searching.measure("two of the rare half", 5'000, kVocabulary - 1, 5'000, kVocabulary - 1));
  figures.figures.push_back(searching.measure("two of the first thousand", 0, 999, 0, 999));
  figures.figures.push_back(searching.measure("a rare one and the most frequent", 5'000, kVocabulary - 1, 0, 0));
  figures.figures.push_back(searching.measure("the two most frequent of all", 0, 0, 1, 1));
  return figures;
}

}  // namespace nexus::bench
