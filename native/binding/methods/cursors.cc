// Cursors and snapshots.
#include <algorithm>
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"
#include "engine/reads/range_work.h"

namespace rocksdb_live {
namespace {

constexpr int32_t kNotCached = -2;
enum StateSlot { kCursorSlot = 0, kNeededSlot = 1 };

struct PageBuffers {
  Page page;
  napi_value bytes;
  napi_value offsets;
};

PageBuffers GetPage(const Call& call, size_t index) {
  const Bytes bytes = call.Buffer(index);
  const Bytes offsets = GetUint32Array(call.env, call[index + 1]);
  PageBuffers buffers{Page{}, call[index], call[index + 1]};
  // Offsets are 32 bits wide.
  buffers.page.bytes = bytes.data;
  buffers.page.capacity = std::min<size_t>(bytes.size, 0xFFFFFFFF);
  buffers.page.offsets = reinterpret_cast<uint32_t*>(offsets.data);
  buffers.page.max_rows = call.Uint32(index + 2);
  if (offsets.size / sizeof(uint32_t) < 2 * buffers.page.max_rows + 1) {
    throw BadArgument{"offsets is too short"};
  }
  return buffers;
}

void SetState(const SessionHandle& self, uint32_t cursor, size_t needed) {
  auto* const state = reinterpret_cast<uint32_t*>(self.environment->state.data);
  state[kCursorSlot] = cursor;
  state[kNeededSlot] = static_cast<uint32_t>(std::min<size_t>(needed, 0xFFFFFFFF));
}

Cursor::Config GetConfig(const Call& call, const SessionHandle& self) {
  Cursor::Config config;
  config.family = self.FindFamily(call.Uint32(0), call.Uint32(5));
  config.range = self.Bounds(call.Int32(1), call.Int32(2));
  config.range.limit = call.Int64(3);
  config.flags = call.Uint32(4);
  config.range.reverse = (config.flags & kReverse) != 0;
  config.snapshot = self.FindSnapshot(call.Uint32(5));
  config.readahead_bytes = call.Uint32(6);
  return config;
}

napi_value OpenCursor(Call& call) {
  SessionHandle& self = call.Self();
  Cursor::Config config = GetConfig(call, self);
  const PageBuffers buffers = GetPage(call, 7);
  const bool nowait = (config.flags & kNoWait) != 0;
  // What is read from memory now and from disk later must be one view.
  const bool needs_view = nowait || buffers.page.max_rows == 0;
  rocksdb::DB* const db = config.family->db();
  if (needs_view && !config.snapshot) {
    config.snapshot = std::make_shared<Snapshot>(db, self.session->view());
  }
  auto cursor = std::make_shared<Cursor>(db, std::move(config));
  PageResult result;
  if (buffers.page.max_rows != 0) result = cursor->Next(buffers.page);
  ThrowIf(result.error);
  if (result.not_cached) return call.Integer(kNotCached);
  if (nowait && !result.exhausted) cursor->AllowIo();
  const uint32_t id = result.exhausted ? 0 : self.session->AddCursor(std::move(cursor));
  SetState(self, id, result.needed);
  return call.Integer(static_cast<int32_t>(result.count));
}

// An open cursor that no job has.
Session::CursorSlot& FreeCursor(const SessionHandle& self, uint32_t id) {
  Session::CursorSlot* const slot = self.session->FindCursor(id);
  if (slot == nullptr) throw Failure{Error(Code::kClosed, "the cursor is closed")};
  if (slot->busy) throw Failure{Error(Code::kBusy, "the cursor is reading its next rows")};
  return *slot;
}

napi_value NextSync(Call& call) {
  SessionHandle& self = call.Self();
  const uint32_t id = call.Uint32(0);
  const std::shared_ptr<Cursor> cursor = FreeCursor(self, id).cursor;
  const PageResult result = cursor->Next(GetPage(call, 1).page);
  ThrowIf(result.error);  // the cursor stays: it can seek behind what cannot be read
  if (result.exhausted) self.session->RemoveCursor(id);
  SetState(self, result.exhausted ? 0 : id, result.needed);
  return call.Integer(static_cast<int32_t>(result.count));
}

// Rows that a thread has packed into the caller's buffers, which are kept alive until now.
class RowsDone : public Completion {
 public:
  RowsDone(uint32_t operation, uint32_t cursor) : operation_(operation), cursor_(cursor) {}

  void Keep(napi_env env, const PageBuffers& buffers) {
    Check(napi_create_reference(env, buffers.bytes, 1, &bytes_));
    Check(napi_create_reference(env, buffers.offsets, 1, &offsets_));
  }

  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    napi_delete_reference(env, bytes_);
    napi_delete_reference(env, offsets_);
    const bool ended = result.exhausted || !result.error.ok();
    if (session->open()) {
      Session::CursorSlot* const slot = session->FindCursor(cursor_);
      if (slot != nullptr) slot->busy = false;
      if (ended) session->RemoveCursor(cursor_);
    }
    napi_value arguments[3] = {MakeNumber(env, operation_), Undefined(env), Undefined(env)};
    if (result.error.ok()) {
      Check(napi_create_object(env, &arguments[2]));
      Set(env, arguments[2], "count", result.count);
      Set(env, arguments[2], "cursor", ended ? 0 : cursor_);
      Set(env, arguments[2], "needed", static_cast<double>(result.needed));
    } else {
      arguments[1] = ErrorToJs(*environment, result.error);
    }
    CallHook(env, environment->hooks.deliver, 3, arguments);
  }

  std::shared_ptr<Session> session;
  PageResult result;

 private:
  static void Set(napi_env env, napi_value object, const char* name, double value) {
    Check(napi_set_named_property(env, object, name, MakeNumber(env, value)));
  }

  const uint32_t operation_;
  const uint32_t cursor_;
  napi_ref bytes_ = nullptr;
  napi_ref offsets_ = nullptr;
};

napi_value Next(Call& call) {
  SessionHandle& self = call.Self();
  const uint32_t id = call.Uint32(1);
  Session::CursorSlot& slot = FreeCursor(self, id);
  const PageBuffers buffers = GetPage(call, 2);
  auto done =
      std::make_shared<std::unique_ptr<RowsDone>>(std::make_unique<RowsDone>(call.Uint32(0), id));
  (*done)->Keep(call.env, buffers);
  (*done)->session = self.session;
  const std::shared_ptr<Lane> lane = self.environment->lane;
  self.session->store().executor().Run([lease = self.session->TakeLease(), lane,
                                        cursor = slot.cursor, page = buffers.page, done]() mutable {
    try {
      (*done)->result = cursor->Next(page);
    } catch (...) {
      (*done)->result.error = CaughtError();
    }
    cursor.reset();
    lane->Post(std::move(*done));
    lease.reset();
  });
  slot.busy = true;
  lane->Expect(1);
  return nullptr;
}

napi_value Seek(Call& call) {
  SessionHandle& self = call.Self();
  FreeCursor(self, call.Uint32(0)).cursor->Seek(self.Key(call.Uint32(1)));
  return nullptr;
}

napi_value CloseCursor(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->RemoveCursor(call.Uint32(0));
  return nullptr;
}

napi_value Count(Call& call) {
  SessionHandle& self = call.Self();
  Cursor::Config config;
  config.family = self.FindFamily(call.Uint32(1), call.Uint32(6));
  config.range = self.Bounds(call.Int32(2), call.Int32(3));
  config.range.limit = call.Int64(4);
  config.flags = call.Uint32(5);
  config.range.reverse = (config.flags & kReverse) != 0;
  config.snapshot = self.FindSnapshot(call.Uint32(6));
  // A count takes as long as a scan, and only with a snapshot does it let go of old files.
  if ((config.flags & kRefresh) != 0 && !config.snapshot) {
    config.snapshot = std::make_shared<Snapshot>(config.family->db(), self.session->view());
  }
  const auto work = [config, canceled = self.session->canceled(),
                     deadline = DeadlineIn(call.Double(7))]() {
    return CountRange(config.family->db(), config, *canceled, deadline);
  };
  const auto to_js = [](napi_env env, uint64_t* rows) {
    return MakeNumber(env, static_cast<double>(*rows));
  };
  RunLong<uint64_t>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value TakeSnapshot(Call& call) { return call.Number(call.Self().session->AddSnapshot()); }

napi_value ReleaseSnapshot(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->ReleaseSnapshot(call.Uint32(0));
  return nullptr;
}

}  // namespace

const std::vector<Method>& CursorMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"openCursor", Entry<OpenCursor>},
      {"nextSync", Entry<NextSync>},
      {"next", Entry<Next>},
      {"seek", Entry<Seek>},
      {"closeCursor", Entry<CloseCursor>},
      {"count", Entry<Count>},
      {"snapshot", Entry<TakeSnapshot>},
      {"releaseSnapshot", Entry<ReleaseSnapshot>},
  };
  return *methods;
}

}  // namespace rocksdb_live
