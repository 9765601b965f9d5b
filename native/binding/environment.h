// What one JavaScript environment (the main thread, or a worker) shares with the addon.
#pragma once

#include <memory>
#include <set>

#include "binding/lane.h"
#include "binding/napi_setup.h"
#include "engine/session.h"

namespace rocksdb_live {

struct SessionHandle;

class Environment {
 public:
  // Makes the environment's instance and registers what ends it.
  static void Create(napi_env env);
  static Environment* Get(napi_env env);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

  // Memory that JavaScript and native both know. JavaScript keeps nothing but views of it; the
  // reference keeps it alive while native holds the pointer.
  struct Shared {
    char* data = nullptr;
    size_t size = 0;
    napi_ref reference = nullptr;
  };
  void Share(Shared* shared, napi_value buffer);

  struct Hooks {
    napi_ref create_error = nullptr;
    napi_ref deliver_commits = nullptr;
    napi_ref deliver_reads = nullptr;
    napi_ref deliver = nullptr;
  };

  const napi_env env;
  Hooks hooks;
  Shared key;
  Shared arena;
  Shared state;
  std::shared_ptr<Lane> lane;
  // Of every database opened here and not yet collected.
  std::set<SessionHandle*> sessions;

 private:
  explicit Environment(napi_env e) : env(e) {}
  // Refuses new work and waits for what runs; nothing of the environment is used afterwards.
  void End();
};

}  // namespace rocksdb_live
