// A session's writes: on the calling thread if that waits for nothing and needs no fsync, otherwise
// through the commit queue.
#include <utility>

#include "engine/base/read_options.h"
#include "engine/reads/range_work.h"
#include "engine/store/session.h"

namespace rocksdb_live {
namespace {

// Larger batches go to the queue, so that they do not block the event loop: rows of 100 bytes in
// random order take about a millisecond for this size.
constexpr size_t kInlineBytes = size_t{32} << 10;

}  // namespace

Error Session::WriteNow(std::string_view batch, uint32_t flags) {
  batch_.assign(batch);
  return store_->Write(&batch_, flags);
}

Result<bool> Session::Commit(std::string_view batch, uint32_t flags, uint32_t id,
                             const std::shared_ptr<CommitSink>& sink) {
  const bool small = (flags & kSync) == 0 && batch.size() <= kInlineBytes;
  if (small && store_->MayWriteInline()) {
    Error error;
    batch_.assign(batch);
    const bool tried = store_->TryWrite(&batch_, flags | kNoSlowdown, &error);
    if (tried && error.ok()) return true;
    // The queue's thread sits out a write stall, unless the caller wants to know of it.
    const bool stalled = error.code() == Code::kBusy && (flags & kNoSlowdown) == 0;
    if (tried && !stalled) return error;
  }
  store_->commits().Submit(std::string(batch), flags, id, sink, TakeLease());
  return false;
}

Error Session::CommitNow(std::string_view batch, uint32_t flags) {
  if (store_->replica() != nullptr) return NoneAtOnce();
  CommitQueue& commits = store_->commits();
  return commits.idle() ? WriteNow(batch, flags) : commits.SubmitAndWait(std::string(batch), flags);
}

Error Session::Clear(const ScanRequest& request, std::function<void(const Error&)> done) {
  Error error;
  Cursor::Config config;
  config.family = FindFamily(request.family, &error);
  if (!error.ok()) return error;
  config.range = request.range;
  config.canceled = &canceled_;
  const auto prepare = [config, canceled = &canceled_](std::string* batch) {
    return MakeClearBatch(config, *canceled, batch);
  };
  store_->commits().SubmitPrepared(prepare, request.flags, std::move(done), TakeLease());
  return error;
}

}  // namespace rocksdb_live
