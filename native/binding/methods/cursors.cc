// Cursors and snapshots.
#include <algorithm>
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
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

napi_value RowsToJs(const Call& call, const SessionHandle& self, const CursorRows& rows) {
  ThrowIf(rows.page.error);
  if (rows.page.not_cached) return call.Integer(kNotCached);
  auto* const state = reinterpret_cast<uint32_t*>(self.environment->state.data);
  state[kCursorSlot] = rows.cursor;
  state[kNeededSlot] = static_cast<uint32_t>(std::min<size_t>(rows.page.needed, 0xFFFFFFFF));
  return call.Integer(static_cast<int32_t>(rows.page.count));
}

napi_value OpenCursor(Call& call) {
  SessionHandle& self = call.Self();
  return RowsToJs(call, self, self.session->OpenCursor(ScanOf(self), GetPage(call, 0).page));
}

napi_value NextSync(Call& call) {
  SessionHandle& self = call.Self();
  return RowsToJs(call, self, self.session->NextRows(call.Uint32(0), GetPage(call, 1).page));
}

// Rows that a thread has packed into the caller's buffers, which this keeps alive until delivery.
class RowsDone : public Completion {
 public:
  RowsDone(uint32_t operation, uint32_t cursor, std::shared_ptr<Session> session)
      : operation_(operation), cursor_(cursor), session_(std::move(session)) {}

  void Keep(napi_env env, const PageBuffers& buffers) {
    Check(napi_create_reference(env, buffers.bytes, 1, &bytes_));
    Check(napi_create_reference(env, buffers.offsets, 1, &offsets_));
  }

  void LetGo(napi_env env) {
    napi_delete_reference(env, bytes_);
    napi_delete_reference(env, offsets_);
  }

  void Deliver(Environment* environment) override {
    napi_env env = environment->env;
    LetGo(env);
    const uint32_t cursor = session_->TakeBackCursor(cursor_, result);
    napi_value arguments[3] = {MakeNumber(env, operation_), Undefined(env), Undefined(env)};
    if (result.error.ok()) {
      Check(napi_create_object(env, &arguments[2]));
      Set(env, arguments[2], "count", result.count);
      Set(env, arguments[2], "cursor", cursor);
      Set(env, arguments[2], "needed", static_cast<double>(result.needed));
    } else {
      arguments[1] = ErrorToJs(*environment, result.error);
    }
    CallHook(env, environment->hooks.deliver, 3, arguments);
  }

  PageResult result;

 private:
  static void Set(napi_env env, napi_value object, const char* name, double value) {
    Check(napi_set_named_property(env, object, name, MakeNumber(env, value)));
  }

  const uint32_t operation_;
  const uint32_t cursor_;
  const std::shared_ptr<Session> session_;
  napi_ref bytes_ = nullptr;
  napi_ref offsets_ = nullptr;
};

napi_value Next(Call& call) {
  SessionHandle& self = call.Self();
  const uint32_t cursor = call.Uint32(1);
  const PageBuffers buffers = GetPage(call, 2);
  const std::shared_ptr<Lane> lane = self.environment->lane;
  auto rows = std::make_shared<std::unique_ptr<RowsDone>>(
      std::make_unique<RowsDone>(call.Uint32(0), cursor, self.session));
  const auto done = [lane, rows](const PageResult& result) {
    (*rows)->result = result;
    lane->Post(std::move(*rows));
  };
  (*rows)->Keep(call.env, buffers);
  try {
    ThrowIf(self.session->NextRowsElsewhere(cursor, buffers.page, done));
  } catch (...) {
    (*rows)->LetGo(call.env);
    throw;
  }
  lane->Expect(1);
  return nullptr;
}

napi_value Seek(Call& call) {
  SessionHandle& self = call.Self();
  ThrowIf(self.session->Seek(call.Uint32(0), self.Key(call.Uint32(1))));
  return nullptr;
}

// Unknown numbers are ignored, so that ending twice is harmless.
napi_value End(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->resources().End(call.Uint32(0));
  return nullptr;
}

napi_value Count(Call& call) {
  SessionHandle& self = call.Self();
  Cursor::Config config = ValueOf(self.session->PrepareCount(ScanOf(self)));
  config.deadline = DeadlineIn(call.Double(1));
  const auto work = [config = std::move(config), canceled = self.session->canceled()]() {
    return CountRange(config, *canceled, config.deadline);
  };
  const auto to_js = [](napi_env env, uint64_t* rows) {
    return MakeNumber(env, static_cast<double>(*rows));
  };
  RunLong<uint64_t>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value TakeSnapshot(Call& call) { return call.Number(call.Self().session->TakeSnapshot()); }

}  // namespace

const std::vector<Method>& CursorMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"openCursor", Entry<OpenCursor>},
      {"nextSync", Entry<NextSync>},
      {"next", Entry<Next>},
      {"seek", Entry<Seek>},
      {"count", Entry<Count>},
      {"snapshot", Entry<TakeSnapshot>},
      {"end", Entry<End>},
  };
  return *methods;
}

}  // namespace rocksdb_live
