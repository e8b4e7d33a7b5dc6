#include "tests/faults/mixed_load.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <random>

#include "tests/api/raw_storage_support.hpp"
#include "tests/support/event_stream.hpp"

namespace nexus::test {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr std::size_t kClients = 2;     // of a tenant, beside the one that follows streams
constexpr std::size_t kKeptCards = 60;  // of a client
constexpr std::size_t kKeptFiles = 10;
constexpr std::size_t kComplaintsMax = 20;
constexpr int kTurns = 300;  // of a session: more than its deletion takes in its own unit

Headers who(const DaemonProcess& daemon, const std::string& tenant) {
  return {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", tenant}, {"X-Env", "dev"}};
}

/// One connection of one tenant. Reads and deletes only what it made itself, so that nothing is gone unexpectedly.
class MixedClient {
 public:
  MixedClient(const DaemonProcess& daemon, const std::string& tenant, std::size_t number, Journal& journal)
      : journal_(journal),
        tenant_(tenant),
        name_(tenant + "-" + std::to_string(number)),
        client_(daemon.address()),
        context_(who(daemon, tenant)),
        random_(static_cast<unsigned>(std::hash<std::string>{}(name_))) {}

  /// A step of a request or a few; returns how many.
  int act() {
    sent_ = 0;
    const auto step = below(100);
    if (step < 12)
      card();
    else if (step < 22)
      note();
    else if (step < 34)
      turn();
    else if (step < 42)
      post("/chat/threads/room/messages", {{"text", words(12)}});
    else if (step < 48)
      usage();
    else if (step < 52)
      file();
    else if (step < 53)
      toggle();
    else if (step < 60)
      post("/nexus/search", {{"query_text", word()}});
    else if (step < 84)
      read();
    else
      list();
    return sent_;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::string word() { return "w" + std::to_string(below(5000)); }
  std::string words(int count) {
    std::string out = word();
    for (int i = 1; i < count; ++i) out += " " + word();
    return out;
  }

  Answer call(const std::string& method, const std::string& target, const std::string& body = {}, Headers more = {}) {
    more.insert(more.end(), context_.begin(), context_.end());
    Answer answer = client_.request(method, target, more, body);
    ++sent_;
    journal_.take(tenant_, method + " " + target, answer);
    return answer;
  }
  /// With a key of its own. One of ten is sent once more.
  Answer post(const std::string& target, const std::string& body, const std::string& type) {
    const std::string key = name_ + "-" + std::to_string(++keys_);
    const Headers more = {{"Idempotency-Key", key}, {"Content-Type", type}};
    Answer answer = call("POST", target, body, more);
    if (answer.status / 100 != 2 || below(10) != 0) return answer;
    const Answer again = call("POST", target, body, more);
    const bool is_read = !answer.has("nexus-audit-seq");
    if (!is_read && again.body != answer.body) journal_.complain("POST " + target + " was repeated: " + again.body);
    return answer;
  }
  Answer post(const std::string& target, const Json& body) { return post(target, body.dump(), "application/json"); }

  /// Notes what was made, and deletes the oldest once there are more than `kept`.
  void keep(std::deque<std::string>& made, const Answer& answer, const char* id, const std::string& path,
            std::size_t kept) {
    if (answer.status / 100 != 2) return;
    made.push_back(path + answer.json.at(id).get<std::string>());
    if (made.size() <= kept) return;
    call("DELETE", made.front());
    made.pop_front();
  }

  void card() {
    const std::string text = "card_type: note\ntitle: " + word() + "\n---\n" + words(100) + "\n";
    keep(cards_, post("/nexus/cards", text, "text/markdown"), "card_id", "/nexus/cards/", kKeptCards);
  }
  void note() {
    const Json body = {{"title", words(3)}, {"body", words(40)}, {"tags", {"idea"}}};
    keep(notes_, post("/maybes/items", body), "item_id", "/maybes/items/", kKeptCards);
  }
  void turn() {
    const std::string session = "/nexus/memory/session/" + name_ + "-" + std::to_string(sessions_);
    post(session + "/turn", {{"role", "user"}, {"content", words(20)}});
    if (++turns_ % kTurns != 0) return;
    call("DELETE", session);
    ++sessions_;
  }
  void usage() {
    Json batch = Json::array();
    for (int i = 0; i < 3; ++i)
      batch.push_back({{"provider", "p" + std::to_string(below(4))},
                       {"surface", "cards"},
                       {"tokens_input", 10},
                       {"tokens_output", 20},
                       {"cost", {{"amount_micros", 100}, {"currency", "USD"}}}});
    post("/budget/usage", batch);
  }
  /// Presigned, uploaded, registered; atoms are made of every second one.
  void file() {
    const Answer form = post("/nexus/raw/presign-upload", {{"filename", "lines.txt"}, {"content_type", "text/plain"}});
    if (form.status / 100 != 2) return;
    std::string content;
    for (int i = 0; i < 20; ++i) content += words(6) + "\n";
    const Answer uploaded = upload(client_, form.json, content);
    ++sent_;
    journal_.take(tenant_, "POST /blobs", uploaded);
    const Json& id = form.json.at("asset_id");
    const Answer asset = post("/nexus/raw/register", {{"asset_id", id}, {"filename", "lines.txt"}});
    if (below(2) == 0) post("/nexus/atoms/create-from-raw", {{"raw_asset_id", id}, {"op_type", "lines"}});
    keep(files_, asset, "asset_id", "/nexus/raw/", kKeptFiles);
  }
  /// Blocks what its tenant's clients do, or allows it again.
  void toggle() {
    const Json entry = {{"kind", "action"}, {"name", "maybes_create"}};
    const char* first = blocks_ ? "allow" : "block";
    blocks_ = !blocks_;
    call("PATCH", "/kill-switches", Json{{first, Json::array({entry})}}.dump());
  }
  void read() {
    const std::deque<std::string>& made = below(2) == 0 ? cards_ : below(2) == 0 ? notes_ : files_;
    call("GET", made.empty() ? "/nexus/cards" : made[below(made.size())]);
  }
  void list() {
    static constexpr const char* kLists[] = {"/nexus/cards?limit=20",
                                             "/maybes/items",
                                             "/events?limit=100",
                                             "/chat/threads/room/messages",
                                             "/budget/usage?limit=50",
                                             "/budget/usage/summary?group_by=provider",
                                             "/nexus/raw",
                                             "/audit?limit=50",
                                             "/maybes/items?search_text=w7",
                                             "/kill-switches"};
    call("GET", kLists[below(std::size(kLists))]);
  }

  Journal& journal_;
  const std::string tenant_, name_;
  Client client_;
  const Headers context_;
  std::minstd_rand random_;
  std::deque<std::string> cards_, notes_, files_;
  bool blocks_ = false;
  int sent_ = 0, keys_ = 0, turns_ = 0, sessions_ = 0;
};

/// Follows a stream of the tenant for some seconds, then another one.
void follow_streams(const DaemonProcess& daemon, const std::string& tenant, const std::atomic<bool>& over,
                    Journal& journal) {
  for (int number = 0; !over; ++number) {
    EventStream stream(daemon.port(), number % 2 == 0 ? "/sse/events" : "/sse/chat/room", who(daemon, tenant));
    if (stream.head().status != 200) journal.complain("a stream of " + tenant + ": " + stream.head().body);
    const auto until = Steady::now() + seconds(5 + number % 4 * 10);
    while (!over && Steady::now() < until) stream.next(std::chrono::milliseconds(500));
  }
}

/// Keeps to the rate: after `count` requests the next one waits for its time.
class Paced {
 public:
  explicit Paced(double per_second) : each_(1 / per_second) {}
  void wait(int count) {
    next_ = std::max(next_, Steady::now() - seconds(1)) + std::chrono::duration_cast<Steady::duration>(count * each_);
    std::this_thread::sleep_until(next_);
  }

 private:
  const std::chrono::duration<double> each_;
  Steady::time_point next_ = Steady::now();
};

}  // namespace

void Journal::take(const std::string& tenant, const std::string& what, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  ++answers_;
  const bool refused = answer.code() == "kill_switch_blocked", repeated = answer.has("idempotency-replayed");
  if (refused) ++refusals_;
  if (repeated) ++repeats_;
  if (const std::string seq = answer.header("nexus-audit-seq"); !seq.empty()) receipts_[tenant].insert(seq);
  if (answer.status / 100 != 2 && answer.status / 100 != 3 && !refused && complaints_.size() < kComplaintsMax)
    complaints_.push_back(what + " of " + tenant + ": " + std::to_string(answer.status) + " " + answer.body +
                          answer.error);
}

void Journal::complain(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (complaints_.size() < kComplaintsMax) complaints_.push_back(what);
}

std::vector<std::string> Journal::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

std::size_t Journal::answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

std::size_t Journal::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

std::size_t Journal::repeats() const {
  const std::lock_guard lock(mutex_);
  return repeats_;
}

std::size_t Journal::receipts(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = receipts_.find(tenant);
  return found == receipts_.end() ? 0 : found->second.size();
}

MixedLoad::MixedLoad(const DaemonProcess& daemon, std::vector<std::string> tenants, double requests_per_second,
                     Journal& journal) {
  const double each = requests_per_second / static_cast<double>(tenants.size() * kClients);
  for (const std::string& tenant : tenants) {
    threads_.emplace_back([this, &daemon, &journal, tenant] { follow_streams(daemon, tenant, over_, journal); });
    for (std::size_t i = 0; i < kClients; ++i)
      threads_.emplace_back([this, &daemon, &journal, tenant, i, each] {
        MixedClient client(daemon, tenant, i, journal);
        Paced paced(each);
        while (!over_) paced.wait(client.act());
      });
  }
}

void MixedLoad::stop() {
  over_ = true;
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace nexus::test
