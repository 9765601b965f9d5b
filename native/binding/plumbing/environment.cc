#include "binding/plumbing/environment.h"

#include <memory>
#include <vector>

#include "binding/plumbing/call.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {

namespace {

using Instances = std::vector<std::unique_ptr<Environment>>;

// All environments of this napi_env; freed with it, after everything that has a finalizer.
Instances& InstancesOf(napi_env env) {
  void* data = nullptr;
  Check(napi_get_instance_data(env, &data));
  if (data == nullptr) {
    auto instances = std::make_unique<Instances>();
    const auto finalize = [](napi_env, void* all, void*) { delete static_cast<Instances*>(all); };
    Check(napi_set_instance_data(env, instances.get(), finalize, nullptr));
    data = instances.release();
  }
  return *static_cast<Instances*>(data);
}

}  // namespace

Environment* Environment::New(napi_env env) {
  Instances& instances = InstancesOf(env);
  instances.emplace_back(new Environment(env));
  Environment* const environment = instances.back().get();
  environment->lane = Lane::Create(environment);
  // Runs when a worker ends or the main thread's loop does; not after process.exit() on the main
  // thread, nor after an uncaught exception there.
  const auto end = [](void* data) { static_cast<Environment*>(data)->End(); };
  Check(napi_add_env_cleanup_hook(env, end, environment));
  return environment;
}

void Environment::Share(Shared* shared, napi_value buffer) {
  const Bytes bytes = GetBytes(env, buffer);
  napi_ref reference = nullptr;
  Check(napi_create_reference(env, buffer, 1, &reference));
  if (shared->reference != nullptr) napi_delete_reference(env, shared->reference);
  *shared = Shared{bytes.data, bytes.size, reference};
}

void Environment::End() {
  lane->Close();
  static_cast<void>(CloseAll());
  locks.clear();
}

std::vector<Error> Environment::CloseAll() {
  std::vector<Error> failures;
  *ending = true;
  // Whatever waits for them ends.
  for (SessionHandle* handle : sessions) handle->session->EndReplica();
  for (SessionHandle* handle : sessions) {
    const Error error = handle->EndNow();
    if (!error.ok()) failures.push_back(error);
  }
  lane->WaitForTasks();
  return failures;
}

}  // namespace rocksdb_live
