// Delivers outcomes to JavaScript: one wake-up delivers everything that is ready by then.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "binding/plumbing/napi_setup.h"
#include "engine/writes/commit_queue.h"

namespace rocksdb_live {

class Environment;

// One outcome, or several that are delivered together. Created on any thread, delivered on the
// environment's. Dropped if the environment has ended.
class Completion {
 public:
  virtual ~Completion() = default;
  // How many expected operations it completes.
  virtual size_t count() const { return 1; }
  virtual void Deliver(Environment* environment) = 0;
};

class Lane : public CommitSink, public std::enable_shared_from_this<Lane> {
 public:
  static std::shared_ptr<Lane> Create(Environment* environment);
  ~Lane() override = default;

  // On the environment's thread: keeps the event loop alive until this many more operations have
  // ended.
  void Expect(size_t operations);
  // On any thread.
  void Post(std::unique_ptr<Completion> completion);
  void OnCommitted(std::vector<uint32_t> ids, const Error& error) override;
  // On any thread, before the outcome of the operation is posted.
  void OnMeasured(uint32_t id, const Timings& timings) override;

  // Tasks on other threads; the end of the environment waits for them.
  void BeginTask();
  void EndTask();
  void WaitForTasks();

  // On the environment's thread: whether outcomes are still to be delivered.
  bool busy() const { return expected_ > 0; }

  // On the environment's thread: stops deliveries.
  void Close();

 private:
  explicit Lane(Environment* environment) : environment_(environment) {}
  static void OnWake(napi_env env, napi_value, void* context, void*);
  void Drain(napi_env env);
  void Settle(size_t operations);

  Environment* const environment_;  // used on its thread only
  size_t expected_ = 0;             // on the environment's thread
  std::mutex mutex_;
  napi_threadsafe_function wake_ = nullptr;
  std::vector<std::unique_ptr<Completion>> ready_;
  size_t tasks_ = 0;
  std::condition_variable idle_;
};

}  // namespace rocksdb_live
