// The state that one instance of lib/ shares with the addon. The main thread and each worker have
// one; there are more if lib/ is loaded several times over the same addon, as test runners do.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "binding/plumbing/lane.h"
#include "binding/plumbing/napi_setup.h"
#include "engine/files/file_lock.h"
#include "engine/store/session.h"

namespace rocksdb_live {

struct SessionHandle;

class Environment;

// The target of the data pointer in each of our functions.
struct Owner {
  explicit Owner(Environment* e) : environment(e) {}
  Environment* const environment;
};

class Environment : public Owner {
 public:
  // Makes an instance, which lives as long as `env`, and registers the hook that ends its work.
  static Environment* New(napi_env env);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() = default;

  // Memory shared by JavaScript and native code. JavaScript may keep only views of it; the
  // reference keeps it alive while native code has the pointer.
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
    napi_ref deliver_timings = nullptr;
  };

  const napi_env env;
  Hooks hooks;
  Shared key;
  Shared arena;
  Shared state;
  Shared request;
  std::shared_ptr<Lane> lane;
  // Set when the environment ends: from then on nothing waits for other processes or threads.
  const std::shared_ptr<std::atomic<bool>> ending = std::make_shared<std::atomic<bool>>(false);
  // Locks of files that JavaScript holds, by number.
  std::map<uint32_t, std::unique_ptr<FileLock>> locks;
  uint32_t next_lock = 1;
  // The databases opened here and not yet collected.
  std::set<SessionHandle*> sessions;

 private:
  explicit Environment(napi_env e) : Owner(this), env(e) {}
  // Refuses new work and waits for running work; nothing uses the environment afterwards.
  void End();
};

}  // namespace rocksdb_live
