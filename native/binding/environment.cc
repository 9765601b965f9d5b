#include "binding/environment.h"

#include "binding/call.h"
#include "binding/session_object.h"

namespace rocksdb_live {

void Environment::Create(napi_env env) {
  auto* const environment = new Environment(env);
  const auto finalize = [](napi_env, void* data, void*) {
    delete static_cast<Environment*>(data);
  };
  if (napi_set_instance_data(env, environment, finalize, nullptr) != napi_ok) {
    delete environment;
    throw BadArgument{"the environment cannot be set up"};
  }
  environment->lane = Lane::Create(env);
  // Runs when a worker ends or the main thread's loop does; not after process.exit() on the main
  // thread, nor after an uncaught exception there.
  const auto end = [](void* data) { static_cast<Environment*>(data)->End(); };
  Check(napi_add_env_cleanup_hook(env, end, environment));
}

Environment* Environment::Get(napi_env env) {
  void* data = nullptr;
  return napi_get_instance_data(env, &data) == napi_ok ? static_cast<Environment*>(data) : nullptr;
}

// References go with the environment itself.
Environment::~Environment() = default;

void Environment::Share(Shared* shared, napi_value buffer) {
  const Bytes bytes = GetBytes(env, buffer);
  napi_ref reference = nullptr;
  Check(napi_create_reference(env, buffer, 1, &reference));
  if (shared->reference != nullptr) napi_delete_reference(env, shared->reference);
  *shared = Shared{bytes.data, bytes.size, reference};
}

void Environment::End() {
  lane->Close();
  for (SessionHandle* handle : sessions) handle->EndNow();
  lane->WaitForTasks();
}

}  // namespace rocksdb_live
