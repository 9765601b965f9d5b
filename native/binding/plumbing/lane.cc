#include "binding/plumbing/lane.h"

#include <cstring>
#include <utility>

#include "binding/plumbing/call.h"
#include "binding/plumbing/environment.h"
#include "binding/plumbing/error.h"

namespace rocksdb_live {
namespace {

// All commits of one RocksDB write, for one environment.
class Commits : public Completion {
 public:
  Commits(std::vector<uint32_t> ids, Error error)
      : ids_(std::move(ids)), error_(std::move(error)) {}
  size_t count() const override { return ids_.size(); }
  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    napi_value arguments[2];
    arguments[0] = MakeUint32Array(env, ids_);
    arguments[1] = error_.ok() ? Undefined(env) : ErrorToJs(*environment, error_);
    CallHook(env, environment->hooks.deliver_commits, 2, arguments);
  }

 private:
  const std::vector<uint32_t> ids_;
  const Error error_;
};

// What an operation took whose outcome comes next.
class Measured : public Completion {
 public:
  Measured(uint32_t id, const Timings& timings) : id_(id), timings_(timings) {}
  size_t count() const override { return 0; }
  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    const napi_value arguments[3] = {MakeNumber(env, id_), MakeNumber(env, timings_.queue_ms),
                                     MakeNumber(env, timings_.wal_ms)};
    CallHook(env, environment->hooks.deliver_timings, 3, arguments);
  }

 private:
  const uint32_t id_;
  const Timings timings_;
};

napi_value HasRef(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_value answer = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  const auto lane = static_cast<std::weak_ptr<Lane>*>(data)->lock();
  napi_get_boolean(env, lane != nullptr && lane->busy(), &answer);
  return answer;
}

// The resource that async_hooks reports for a lane. Its hasRef() says, like those of Node's own,
// whether it keeps the process running: jest's --detectOpenHandles asks it.
napi_value MakeResource(napi_env env, const std::shared_ptr<Lane>& lane) {
  napi_value resource = nullptr;
  napi_value has_ref = nullptr;
  auto watched = std::make_unique<std::weak_ptr<Lane>>(lane);
  Check(napi_create_object(env, &resource));
  Check(napi_create_function(env, "hasRef", NAPI_AUTO_LENGTH, HasRef, watched.get(), &has_ref));
  const auto finalize = [](napi_env, void* data, void*) {
    delete static_cast<std::weak_ptr<Lane>*>(data);
  };
  Check(napi_add_finalizer(env, has_ref, watched.get(), finalize, nullptr, nullptr));
  [[maybe_unused]] const std::weak_ptr<Lane>* const finalized = watched.release();
  Check(napi_set_named_property(env, resource, "hasRef", has_ref));
  return resource;
}

}  // namespace

std::shared_ptr<Lane> Lane::Create(Environment* environment) {
  napi_env env = environment->env;
  std::shared_ptr<Lane> lane(new Lane(environment));
  napi_value name = nullptr;
  Check(napi_create_string_utf8(env, "rocksdb-live", NAPI_AUTO_LENGTH, &name));
  napi_value resource = MakeResource(env, lane);
  Check(napi_create_threadsafe_function(env, nullptr, resource, name, 0, 1, nullptr, nullptr,
                                        lane.get(), &Lane::OnWake, &lane->wake_));
  // An open database alone does not keep the process running; work in flight does.
  Check(napi_unref_threadsafe_function(env, lane->wake_));
  return lane;
}

void Lane::Expect(size_t operations) {
  if (expected_ == 0 && wake_ != nullptr) {
    napi_ref_threadsafe_function(environment_->env, wake_);
  }
  expected_ += operations;
}

void Lane::Settle(size_t operations) {
  if (operations == 0) return;
  expected_ -= operations;
  if (expected_ == 0 && wake_ != nullptr) napi_unref_threadsafe_function(environment_->env, wake_);
}

void Lane::Post(std::unique_ptr<Completion> completion) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (wake_ == nullptr) return;
  ready_.push_back(std::move(completion));
  if (ready_.size() == 1) {
    // Fails only while the environment ends, which drops undelivered completions anyway.
    napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
  }
}

void Lane::OnCommitted(std::vector<uint32_t> ids, const Error& error) {
  Post(std::make_unique<Commits>(std::move(ids), error));
}

void Lane::OnMeasured(uint32_t id, const Timings& timings) {
  Post(std::make_unique<Measured>(id, timings));
}

void Lane::OnWake(napi_env env, napi_value, void* context, void*) {
  if (env != nullptr) static_cast<Lane*>(context)->Drain(env);
}

void Lane::Drain(napi_env env) {
  const std::shared_ptr<Lane> self = shared_from_this();
  std::vector<std::unique_ptr<Completion>> ready;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ready.swap(ready_);
  }
  for (const auto& completion : ready) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    Settle(completion->count());
    try {
      completion->Deliver(environment_);
    } catch (const Failure& failure) {
      Throw(env, environment_, failure.error);
    } catch (const BadArgument&) {
      // The environment is ending: nobody is left to tell.
    } catch (...) {
      Throw(env, environment_, CaughtError());
    }
    napi_close_handle_scope(env, scope);
  }
}

void Lane::BeginTask() {
  std::lock_guard<std::mutex> lock(mutex_);
  ++tasks_;
}

void Lane::EndTask() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (--tasks_ == 0) idle_.notify_all();
}

void Lane::WaitForTasks() {
  std::unique_lock<std::mutex> lock(mutex_);
  idle_.wait(lock, [this] { return tasks_ == 0; });
}

void Lane::Close() {
  std::vector<std::unique_ptr<Completion>> dropped;
  std::lock_guard<std::mutex> lock(mutex_);
  if (wake_ == nullptr) return;
  napi_release_threadsafe_function(wake_, napi_tsfn_abort);
  wake_ = nullptr;
  dropped.swap(ready_);
}

}  // namespace rocksdb_live
