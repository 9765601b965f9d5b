// Commits: inline where nothing waits and no disk is asked for, else through the commit queue.
#include <atomic>
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"
#include "engine/reads/range_work.h"

namespace rocksdb_live {
namespace {

// A larger batch goes to the queue, so that the event loop does not pay for it: rows of 100 bytes
// in random order take about a millisecond for these.
constexpr size_t kInlineBytes = size_t{32} << 10;

rocksdb::Slice Batch(const Call& call, size_t index) {
  const Bytes bytes = call.Buffer(index);
  const size_t size = call.Uint32(index + 1);
  if (size > bytes.size || size < kBatchHeader) throw BadArgument{"the batch is cut short"};
  return rocksdb::Slice(bytes.data, size);
}

Error WriteNow(SessionHandle& self, const rocksdb::Slice& batch, uint32_t flags) {
  self.batch.assign(batch.data(), batch.size());
  return self.session->store().Write(&self.batch, flags);
}

// True where the write is done; false where it has to wait its turn.
bool TryInline(SessionHandle& self, const rocksdb::Slice& batch, uint32_t flags) {
  if ((flags & kSync) != 0 || batch.size() > kInlineBytes) return false;
  if (!self.session->store().MayWriteInline()) return false;
  const Error error = WriteNow(self, batch, flags | kNoSlowdown);
  if (error.ok()) return true;
  // A write stall is for the queue's thread to sit out, unless the caller wants to know of it.
  const bool stalled = error.code() == Code::kBusy && (flags & kNoSlowdown) == 0;
  if (!stalled) throw Failure{error};
  return false;
}

napi_value Commit(Call& call) {
  SessionHandle& self = call.Self();
  const rocksdb::Slice batch = Batch(call, 1);
  const uint32_t flags = call.Uint32(3);
  if (TryInline(self, batch, flags)) return call.Boolean(true);
  self.session->store().commits().Submit(batch.ToString(), flags, call.Uint32(0),
                                         self.environment->lane, self.session->TakeLease());
  self.environment->lane->Expect(1);
  return call.Boolean(false);
}

napi_value CommitSync(Call& call) {
  SessionHandle& self = call.Self();
  const rocksdb::Slice batch = Batch(call, 0);
  const uint32_t flags = call.Uint32(2);
  CommitQueue& commits = self.session->store().commits();
  ThrowIf(commits.idle() ? WriteNow(self, batch, flags)
                         : commits.SubmitAndWait(batch.ToString(), flags));
  return nullptr;
}

napi_value Clear(Call& call) {
  SessionHandle& self = call.Self();
  Cursor::Config config;
  config.family = self.FindFamily(call.Uint32(1));
  config.range = self.Bounds(call.Int32(2), call.Int32(3));
  config.range.limit = call.Int64(4);
  const uint32_t flags = call.Uint32(5);
  const std::shared_ptr<Lane> lane = self.environment->lane;
  const auto prepare = [config, db = self.session->db(),
                        canceled = self.session->canceled()](std::string* batch) {
    return MakeClearBatch(db, config, *canceled, batch);
  };
  const auto done = [lane, id = call.Uint32(0)](const Error& error) {
    Result<Nothing> result = error.ok() ? Result<Nothing>(Nothing{}) : Result<Nothing>(error);
    lane->Post(std::make_unique<JobDone<Nothing, decltype(&NothingToJs)>>(id, std::move(result),
                                                                          &NothingToJs));
  };
  self.session->store().commits().SubmitPrepared(prepare, flags, done, self.session->TakeLease());
  lane->Expect(1);
  return nullptr;
}

}  // namespace

const std::vector<Method>& WriteMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"commit", Entry<Commit>},
      {"commitSync", Entry<CommitSync>},
      {"clear", Entry<Clear>},
  };
  return *methods;
}

}  // namespace rocksdb_live
