#include "binding/methods/open.h"

#include "binding/methods/repair.h"
#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"
#include "engine/base/clock.h"
#include "engine/base/timings.h"
#include "engine/base/versions.h"
#include "engine/directory/directory.h"
#include "engine/files/device.h"
#include "engine/files/lock_holder.h"
#include "engine/jobs/maintenance.h"
#include "engine/store/registry.h"

namespace rocksdb_live {
namespace {

napi_ref Hook(const Call& call, const char* name) {
  napi_value function = nullptr;
  napi_ref reference = nullptr;
  Check(napi_get_named_property(call.env, call[0], name, &function));
  Check(napi_create_reference(call.env, function, 1, &reference));
  return reference;
}

void Keep(const Call& call, size_t index, const Bytes& bytes, Environment::Shared* shared) {
  Check(napi_create_reference(call.env, call[index], 1, &shared->reference));
  shared->data = bytes.data;
  shared->size = bytes.size;
}

napi_value Setup(Call& call) {
  Environment& environment = *call.environment();
  environment.hooks.create_error = Hook(call, "createError");
  environment.hooks.deliver_commits = Hook(call, "deliverCommits");
  environment.hooks.deliver_reads = Hook(call, "deliverReads");
  environment.hooks.deliver = Hook(call, "deliver");
  environment.hooks.deliver_event = Hook(call, "deliverEvent");
  environment.hooks.deliver_timings = Hook(call, "deliverTimings");
  const Bytes state = GetUint32Array(call.env, call[1]);
  if (state.size < 2 * sizeof(uint32_t)) throw BadArgument{"state is too short"};
  const Bytes request = GetFloat64Array(call.env, call[2]);
  if (request.size < kRequestSlots * sizeof(double)) throw BadArgument{"request is too short"};
  Keep(call, 1, state, &environment.state);
  Keep(call, 2, request, &environment.request);
  return nullptr;
}

napi_value SetKeyBuffer(Call& call) {
  Environment& environment = *call.environment();
  environment.Share(&environment.key, call[0]);
  return nullptr;
}

napi_value SetArena(Call& call) {
  Environment& environment = *call.environment();
  environment.Share(&environment.arena, call[0]);
  return nullptr;
}

napi_value FileLimit(Call& call) { return call.Number(static_cast<double>(OpenFileLimit())); }

napi_value DeviceRead(Call& call) {
  return call.Number(static_cast<double>(LargestRead(call.String(0))));
}

napi_value LockFile(Call& call) {
  Environment& environment = *call.environment();
  std::unique_ptr<FileLock> lock = ValueOf(FileLock::Try(call.String(0)));
  if (!lock) return call.Integer(0);
  const uint32_t number = environment.next_lock++;
  environment.locks[number] = std::move(lock);
  return MakeNumber(call.env, number);
}

napi_value UnlockFile(Call& call) {
  call.environment()->locks.erase(call.Uint32(0));
  return nullptr;
}

napi_value CloseAll(Call& call) {
  std::vector<std::string> failures;
  for (const Error& error : call.environment()->CloseAll()) failures.push_back(error.message());
  return StringsToJs(call.env, failures);
}

napi_value Open(Call& call) {
  Environment& environment = *call.environment();
  OpenRequest asked = ToOpenRequest(Napi::Value(call.env, call[1]));
  asked.canceled = environment.ending;
  const auto work = [request = std::move(asked)]() { return Session::Open(request); };
  const auto to_js = [&environment](napi_env, std::shared_ptr<Session>* session) {
    return NewSessionObject(&environment, *session);
  };
  RunLong<std::shared_ptr<Session>>(&environment, call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value ListFamilies(Call& call) {
  const auto work = [path = call.String(1)]() { return ListColumnFamilies(path); };
  const auto to_js = [](napi_env env, std::vector<std::string>* names) {
    return StringsToJs(env, *names);
  };
  RunLong<std::vector<std::string>>(call.environment(), call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value FamiliesInMemory(Call& call) {
  const auto work = [path = call.String(1)]() -> Result<std::vector<std::string>> {
    return Registry::Get().FamiliesInMemory(path);
  };
  const auto to_js = [](napi_env env, std::vector<std::string>* names) {
    return StringsToJs(env, *names);
  };
  RunLong<std::vector<std::string>>(call.environment(), call.Uint32(0), work, to_js);
  return nullptr;
}

template <Error (*Do)(const std::string&)>
napi_value OnPath(Call& call) {
  const auto work = [path = call.String(1)]() -> Result<Nothing> { return Do(path); };
  RunLong<Nothing>(call.environment(), call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value Holder(Call& call) {
  const auto work = [path = call.String(1)]() -> Result<std::string> { return HolderOf(path); };
  const auto to_js = [](napi_env env, std::string* holder) { return MakeString(env, *holder); };
  RunLong<std::string>(call.environment(), call.Uint32(0), work, to_js);
  return nullptr;
}

Error CheckClosed(const std::string& path) {
  return Registry::Get().WhileClosed(path, [](const std::string&) { return Error(); });
}

napi_value Shift(Call& call) {
  int64_t ms = 0;
  if (napi_get_value_int64(call.env, call[0], &ms) != napi_ok) throw BadArgument{"not a number"};
  return call.Number(static_cast<double>(ShiftClock(ms)));
}

napi_value Measure(Call& call) {
  if (call.Bool(0)) {
    Measuring::Begin();
  } else {
    Measuring::End();
  }
  return call.Number(Measuring::WalMs());
}

// The functions of NativeAddon (lib/native/addon.ts), bound to a new instance.
napi_value NewInstance(Call& call) {
  napi_env env = call.env;
  Owner* const owner = Environment::New(env);
  const Method functions[] = {
      {"setup", Entry<Setup>},
      {"setKeyBuffer", Entry<SetKeyBuffer>},
      {"setArena", Entry<SetArena>},
      {"openFileLimit", Entry<FileLimit>},
      {"largestRead", Entry<DeviceRead>},
      {"lockFile", Entry<LockFile>},
      {"unlockFile", Entry<UnlockFile>},
      {"closeAll", Entry<CloseAll>},
      {"open", Entry<Open>},
      {"listColumnFamilies", Entry<ListFamilies>},
      {"familiesInMemory", Entry<FamiliesInMemory>},
      {"destroy", Entry<OnPath<DestroyDatabase>>},
      {"checkClosed", Entry<OnPath<CheckClosed>>},
      {"holder", Entry<Holder>},
      {"repair", Entry<Repair>},
      {"shiftClock", Entry<Shift>},
      {"measure", Entry<Measure>},
  };
  napi_value object = nullptr;
  napi_value function = nullptr;
  napi_value training = nullptr;
  Check(napi_create_object(env, &object));
  for (const Method& method : functions) {
    Check(napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.callback, owner,
                               &function));
    Check(napi_set_named_property(env, object, method.name, function));
  }
  Check(napi_get_boolean(env, CanTrainDictionaries(), &training));
  Check(napi_set_named_property(env, object, "versions", MapToJs(env, CompiledVersions())));
  Check(napi_set_named_property(env, object, "zstdDictionaryTraining", training));
  return object;
}

}  // namespace

void DefineAddon(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  Check(napi_create_function(env, "instance", NAPI_AUTO_LENGTH, Entry<NewInstance>, nullptr,
                             &function));
  Check(napi_set_named_property(env, exports, "instance", function));
}

}  // namespace rocksdb_live
