// The long jobs on an open database, and its end.
#include "engine/jobs/maintenance.h"

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"
#include "engine/jobs/checkpoint.h"

namespace rocksdb_live {
namespace {

std::vector<std::shared_ptr<Family>> FamiliesFrom(const Call& call, const SessionHandle& self,
                                                  size_t index) {
  uint32_t length = 0;
  Check(napi_get_array_length(call.env, call[index], &length));
  std::vector<std::shared_ptr<Family>> families;
  for (uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    uint32_t id = 0;
    Check(napi_get_element(call.env, call[index], i, &element));
    Check(napi_get_value_uint32(call.env, element, &id));
    families.push_back(self.FindFamily(id));
  }
  return families;
}

napi_value FlushFamilies(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(),
                     families = FamiliesFrom(call, self, 1)]() -> Result<Nothing> {
    return Flush(store, families);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value FlushWal(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), sync = call.Bool(1)]() -> Result<Nothing> {
    return FlushWal(store, sync);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value Compact(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), family = FamilyOf(self), range = RangeOf(self),
                     bottommost = call.Bool(1),
                     canceled = self.session->canceled()]() -> Result<Nothing> {
    return CompactRange(store, *family, range, bottommost, canceled);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value Checkpoint(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), path = call.String(1)]() -> Result<Nothing> {
    return MakeCheckpoint(store, path);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value ResumeAfterError(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store()]() -> Result<Nothing> {
    return store->Resume();
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value CatchUp(Call& call) {
  SessionHandle& self = call.Self();
  using View = std::shared_ptr<const ReaderView>;
  const auto work = [store = &self.session->store()]() { return store->CatchUp(); };
  // On the session's own thread, where no read runs meanwhile.
  const auto to_js = [session = self.session](napi_env env, View* view) {
    session->Adopt(std::move(*view));
    return Undefined(env);
  };
  RunLong<View>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

// Whether this session's writes wait for this thread to publish them.
bool WaitsForHere(const SessionHandle& self) {
  for (const SessionHandle* other : self.environment->sessions) {
    if (other != &self && other->session->open() && self.session->IsPublishedBy(*other->session)) {
      return true;
    }
  }
  return false;
}

napi_value Close(Call& call) {
  SessionHandle& self = call.Self();
  self.SubmitReads();
  self.ends_elsewhere = WaitsForHere(self);
  static_cast<void>(self.session->BeginClose());
  const auto work = [session = self.session]() -> Result<Nothing> {
    return session->FinishClose();
  };
  try {
    RunLong<Nothing>(self.environment, call.Uint32(0), work, NothingToJs);
  } catch (...) {
    static_cast<void>(self.session->FinishClose());  // otherwise the next close would wait forever
    throw;
  }
  return nullptr;
}

// Waits if a close is already in progress.
napi_value CloseSync(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  self.SubmitReads();
  if (self.session->open() && WaitsForHere(self)) {
    static_cast<void>(self.session->BeginClose());
    self.ends_elsewhere = true;
    RunTask(self.environment->lane,
            [session = self.session] { static_cast<void>(session->FinishClose()); });
  }
  if (!self.ends_elsewhere) ThrowIf(self.session->Close());
  return nullptr;
}

}  // namespace

const std::vector<Method>& MaintenanceMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"flush", Entry<FlushFamilies>},
      {"flushWAL", Entry<FlushWal>},
      {"compactRange", Entry<Compact>},
      {"checkpoint", Entry<Checkpoint>},
      {"resume", Entry<ResumeAfterError>},
      {"catchUp", Entry<CatchUp>},
      {"close", Entry<Close>},
      {"closeSync", Entry<CloseSync>},
  };
  return *methods;
}

}  // namespace rocksdb_live
