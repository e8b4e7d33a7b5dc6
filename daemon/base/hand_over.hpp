// Hands over together what a thread makes for others in one go. While a HandOver lives, what its thread passes on
// waits, and its end sends it: once for each receiver, and not once for each piece. So the writer, which answers the
// units of a group one after the other, wakes the threads of the sockets once a group.
//
// Threads: a HandOver belongs to the thread that made it. Nothing here throws, except for lack of memory.
#pragma once
#include <functional>
#include <vector>

namespace nexus {

class HandOver {
 public:
  using Task = std::function<void()>;
  /// Has the receiver run all of them, in order.
  using Send = std::function<void(std::vector<Task> tasks)>;

  HandOver() : outer_(open_) { open_ = this; }
  ~HandOver() {
    open_ = outer_;
    for (Parcel& parcel : parcels_) parcel.send(std::move(parcel.tasks));
  }
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  /// Has `receiver` run the task: with others, at the end of this thread's HandOver, or at once where there is none.
  /// `send` leads to this receiver.
  static void pass(const void* receiver, Task task, const Send& send) {
    if (open_ == nullptr) return send({std::move(task)});
    for (Parcel& parcel : open_->parcels_)
      if (parcel.receiver == receiver) return parcel.tasks.push_back(std::move(task));
    open_->parcels_.push_back({receiver, send, {std::move(task)}});
  }

 private:
  struct Parcel {
    const void* receiver;
    Send send;
    std::vector<Task> tasks;
  };
  static inline thread_local HandOver* open_ = nullptr;
  HandOver* const outer_;
  std::vector<Parcel> parcels_;
};

}  // namespace nexus
