// The JavaScript object of one session: one function per operation, each holding the session
// natively, so that a call unwraps nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "binding/plumbing/call.h"
#include "binding/plumbing/environment.h"
#include "engine/store/session.h"

namespace rocksdb_live {

// Use on the environment's thread only.
class EventInbox;

struct SessionHandle : Owner {
  SessionHandle(Environment* e, std::shared_ptr<Session> s);
  SessionHandle(const SessionHandle&) = delete;
  SessionHandle& operator=(const SessionHandle&) = delete;
  // If collected without a close, closes on a thread of its own.
  ~SessionHandle();

  // Throws ERR_DROPPED.
  std::shared_ptr<Family> FindFamily(uint32_t id) const;
  // The first `length` bytes of the key buffer, from `offset`.
  std::string_view Key(size_t length, size_t offset = 0) const;

  // Hands the queued reads to threads.
  void SubmitReads();
  // Closes and waits for it.
  Error EndNow();

  const std::shared_ptr<Session> session;
  // Its writes wait for another session of this environment, so nothing here may wait for its end.
  bool ends_elsewhere = false;
  std::shared_ptr<EventInbox> events;  // null if nobody listens
};

napi_value NewSessionObject(Environment* environment, const std::shared_ptr<Session>& session);

struct Method {
  const char* name;
  napi_callback callback;
};

// One table per file.
extern const std::vector<Method>& ReadMethods();
extern const std::vector<Method>& WriteMethods();
extern const std::vector<Method>& CursorMethods();
extern const std::vector<Method>& FamilyMethods();
extern const std::vector<Method>& InspectMethods();
extern const std::vector<Method>& LiveOptionMethods();
extern const std::vector<Method>& MaintenanceMethods();
extern const std::vector<Method>& MetricsMethods();
extern const std::vector<Method>& TransactionMethods();
extern const std::vector<Method>& ChangeMethods();
extern const std::vector<Method>& CaptureMethods();
extern const std::vector<Method>& DataFileMethods();
extern const std::vector<Method>& ReplicaMethods();

}  // namespace rocksdb_live
