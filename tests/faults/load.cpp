#include "tests/faults/load.hpp"

#include "tests/support/client.hpp"

namespace nexus::test {
namespace {

/// One connection of one client, to one life of the daemon.
class Sender {
 public:
  Sender(const DaemonProcess& daemon, Memory& memory)
      : memory_(memory), client_(daemon.address()), token_(daemon.token()), root_(daemon.root_token()) {}

  /// False when the daemon does not answer any more.
  bool send(const std::string& name) {
    const Answer answer = memory_.kind() == Kind::presign ? presign(name) : create_user(name);
    if (answer.status / 100 == 2) {
      if (answer.has("idempotency-replayed")) memory_.count_replay();
      memory_.acknowledge({name, answer.json[memory_.kind() == Kind::presign ? "asset_id" : "user_id"],
                           std::stoll(answer.header("nexus-audit-seq")), answer.header("nexus-audit-hash")});
      return true;
    }
    memory_.give_back(name);
    if (answer.status != 0 && answer.status != 503) memory_.complain(name + ": " + answer.body);
    return answer.status != 0;
  }

 private:
  Answer presign(const std::string& name) {
    return client_.request("POST", "/nexus/raw/presign-upload",
                           {{"Authorization", "Bearer " + token_},
                            {"X-Tenant-Id", "t_dev"},
                            {"X-Env", "dev"},
                            {"Idempotency-Key", "key-" + name}},
                           to_text({{"filename", name}}));
  }

  Answer create_user(const std::string& name) {
    return client_.request("POST", "/users", {{"Authorization", "Bearer " + root_}, {"Idempotency-Key", "key-" + name}},
                           to_text({{"display_name", name}}));
  }

  Memory& memory_;
  Client client_;
  std::string token_, root_;
};

}  // namespace

std::string Memory::take() {
  std::string name;
  if (take_unacknowledged(name)) return name;
  const std::lock_guard lock(mutex_);
  return "fault-" + std::to_string(++next_) + ".txt";
}

bool Memory::take_unacknowledged(std::string& name) {
  const std::lock_guard lock(mutex_);
  if (unacknowledged_.empty()) return false;
  name = std::move(unacknowledged_.back());
  unacknowledged_.pop_back();
  return true;
}

void Memory::acknowledge(Acknowledged one) {
  const std::lock_guard lock(mutex_);
  acknowledged_.push_back(std::move(one));
  grown_.notify_all();
}

void Memory::give_back(std::string name) {
  const std::lock_guard lock(mutex_);
  unacknowledged_.push_back(std::move(name));
}

void Memory::complain(std::string what) {
  const std::lock_guard lock(mutex_);
  complaints_.push_back(std::move(what));
}

bool Memory::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  return grown_.wait_for(lock, std::chrono::seconds(20), [&] { return acknowledged_.size() >= count; });
}

std::vector<Acknowledged> Memory::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::vector<std::string> Memory::complaints() const {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

Load::Load(const DaemonProcess& daemon, std::vector<Memory*> memories, int threads_each) {
  for (Memory* memory : memories) {
    for (int i = 0; i < threads_each; ++i) {
      threads_.emplace_back([this, &daemon, memory] {
        Sender sender(daemon, *memory);
        while (!stop_ && sender.send(memory->take())) {
        }
      });
    }
  }
}

Load::~Load() {
  stop_ = true;
  for (auto& thread : threads_) thread.join();
}

void settle(const DaemonProcess& daemon, Memory& memory) {
  Sender sender(daemon, memory);
  std::string name;
  while (memory.take_unacknowledged(name)) {
    if (!sender.send(name)) throw std::runtime_error("the daemon does not answer: " + daemon.log());
  }
}

DaemonOptions loaded(const std::filesystem::path& data_dir) {
  DaemonOptions options;
  options.data_dir = data_dir;
  options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
  return options;
}

}  // namespace nexus::test
