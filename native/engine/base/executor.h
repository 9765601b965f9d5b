// The addon's own threads, so that libuv's pool stays free for the user.
//
// Short work (point reads, cursor chunks) shares a pool that starts with the first job. Long work
// (open, close, flush, compaction, checkpoint) gets a thread of its own each and never waits in a
// queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace rocksdb_live {

// A fixed pool for short work. The destructor runs what is queued, then joins the threads; never
// run it on one of them.
class Executor {
 public:
  static constexpr size_t kThreads = 2;

  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  ~Executor();

  // Throws std::system_error if no thread can be started and none is running.
  void Run(std::function<void()> job);

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Runs `job` on a thread of its own. The job must hold whatever keeps its data alive (a lease).
// Throws std::system_error if no thread can be started.
template <typename Job>
void RunOnOwnThread(Job job) {
  std::thread(std::move(job)).detach();
}

}  // namespace rocksdb_live
