// What one instance of lib/ shares with the addon. There is one in the main thread and one in each
// worker; more where lib/ is loaded several times over the same addon, as a test runner does.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <vector>

#include "binding/plumbing/lane.h"
#include "binding/plumbing/napi_setup.h"
#include "engine/store/session.h"

namespace rocksdb_live {

struct SessionHandle;

class Environment;

// What the data pointer of every function of ours points to.
struct Owner {
  explicit Owner(Environment* e) : environment(e) {}
  Environment* const environment;
};

class Environment : public Owner {
 public:
  // Makes an instance, which lives as long as `env`, and registers what ends its work.
  static Environment* New(napi_env env);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() = default;

  // Memory that JavaScript and native both know. JavaScript keeps nothing but views of it; the
  // reference keeps it alive while native holds the pointer.
  struct Shared {
    char* data = nullptr;
    size_t size = 0;
    napi_ref reference = nullptr;
  };
  void Share(Shared* shared, napi_value buffer);

  // Closes every database opened here and waits for all work on other threads.
  std::vector<Error> CloseAll();

  struct Hooks {
    napi_ref create_error = nullptr;
    napi_ref deliver_commits = nullptr;
    napi_ref deliver_reads = nullptr;
    napi_ref deliver = nullptr;
    napi_ref deliver_event = nullptr;
  };

  const napi_env env;
  Hooks hooks;
  Shared key;
  Shared arena;
  Shared state;
  Shared request;
  std::shared_ptr<Lane> lane;
  // Nothing waits for others from then on.
  const std::shared_ptr<std::atomic<bool>> ending = std::make_shared<std::atomic<bool>>(false);
  // Of every database opened here and not yet collected.
  std::set<SessionHandle*> sessions;

 private:
  explicit Environment(napi_env e) : Owner(this), env(e) {}
  // Refuses new work and waits for what runs; nothing of the environment is used afterwards.
  void End();
};

}  // namespace rocksdb_live
