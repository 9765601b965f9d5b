// How work leaves the JavaScript thread and comes back.
//
// `work` runs elsewhere and touches engine values only; `to_js` runs on the environment's thread
// and converts the result to a JavaScript value. All results return through the environment's lane.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "binding/plumbing/environment.h"
#include "binding/plumbing/session_object.h"
#include "engine/base/exceptions.h"
#include "engine/base/executor.h"
#include "engine/base/result.h"
#include "engine/base/timings.h"

namespace rocksdb_live {

// Tells JavaScript the outcome of the operation `id`.
template <typename T, typename ToJs>
class JobDone : public Completion {
 public:
  JobDone(uint32_t id, Result<T> result, ToJs to_js)
      : id_(id), result_(std::move(result)), to_js_(std::move(to_js)) {}

  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    napi_value arguments[3] = {MakeNumber(env, id_), Undefined(env), Undefined(env)};
    if (result_.ok()) {
      arguments[2] = to_js_(env, &result_.value);
    } else {
      arguments[1] = ErrorToJs(*environment, result_.error);
    }
    CallHook(env, environment->hooks.deliver, 3, arguments);
  }

 private:
  const uint32_t id_;
  Result<T> result_;
  ToJs to_js_;
};

inline napi_value NothingToJs(napi_env env, Nothing*) { return Undefined(env); }

// Returns a function that tells JavaScript that the operation `id` has ended. Any thread may call
// it.
inline std::function<void(const Error&)> Telling(const std::shared_ptr<Lane>& lane, uint32_t id) {
  return [lane, id](const Error& error) {
    if (ToldTimings::Now() != nullptr) lane->OnMeasured(id, *ToldTimings::Now());
    Result<Nothing> result = error.ok() ? Result<Nothing>(Nothing{}) : Result<Nothing>(error);
    lane->Post(std::make_unique<JobDone<Nothing, decltype(&NothingToJs)>>(id, std::move(result),
                                                                          &NothingToJs));
  };
}

// Runs `task` on a thread of its own; the environment's end waits for it.
template <typename Task>
void RunTask(const std::shared_ptr<Lane>& lane, Task task) {
  lane->BeginTask();
  try {
    RunOnOwnThread([lane, task = std::move(task)]() mutable {
      {
        Task run = std::move(task);
        run();
      }  // releases everything it holds before the task ends
      lane->EndTask();
    });
  } catch (...) {
    lane->EndTask();
    throw;
  }
}

// Makes a job that runs the work, releases what it holds, then posts the result.
template <typename T, typename Work, typename ToJs>
auto MakeJob(const std::shared_ptr<Lane>& lane, uint32_t id, Work work, ToJs to_js) {
  return [lane, id, since = Measuring::Since(), work = std::make_unique<Work>(std::move(work)),
          to_js = std::move(to_js)]() mutable {
    const bool measured = Measuring::IsSet(since);
    Timings timings;
    if (measured) timings.queue_ms = Measuring::Ms(Measuring::Clock::now() - since);
    Result<T> result = Caught(*work);
    work.reset();
    if (measured) lane->OnMeasured(id, timings);
    lane->Post(std::make_unique<JobDone<T, ToJs>>(id, std::move(result), std::move(to_js)));
  };
}

// Runs long work that belongs to no session, or that ends one.
template <typename T, typename Work, typename ToJs>
void RunLong(Environment* environment, uint32_t id, Work work, ToJs to_js) {
  RunTask(environment->lane, MakeJob<T>(environment->lane, id, std::move(work), std::move(to_js)));
  environment->lane->Expect(1);
}

// Runs long work on an open session.
template <typename T, typename Work, typename ToJs>
void RunLong(SessionHandle& self, uint32_t id, Work work, ToJs to_js) {
  auto job = MakeJob<T>(self.environment->lane, id, std::move(work), std::move(to_js));
  RunTask(self.environment->lane,
          [lease = self.session->TakeLease(), job = std::move(job)]() mutable {
            {
              auto run = std::move(job);
              run();
            }
            lease.reset();
          });
  self.environment->lane->Expect(1);
}

// Runs short work on the pool of an open session.
template <typename T, typename Work, typename ToJs>
void RunShort(SessionHandle& self, uint32_t id, Work work, ToJs to_js) {
  auto made = MakeJob<T>(self.environment->lane, id, std::move(work), std::move(to_js));
  // Shared, since std::function requires a copyable callable.
  auto job = std::make_shared<decltype(made)>(std::move(made));
  self.session->store().executor().Run([lease = self.session->TakeLease(), job]() mutable {
    (*job)();
    job.reset();
    lease.reset();
  });
  self.environment->lane->Expect(1);
}

}  // namespace rocksdb_live
