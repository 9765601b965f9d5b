// A session's cursors: which view each one reads, and who uses it.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/base/read_options.h"
#include "engine/store/session.h"

namespace rocksdb_live {

Cursor::Config Session::Configure(ScanRequest request, Error* error) {
  Cursor::Config config;
  config.family = FindFamily(request.family, request.snapshot, error);
  if (config.family && request.snapshot != 0) {
    View view = FindView(request.snapshot, error);
    config.snapshot = std::move(view.snapshot);
    if (view.transaction) config.layer_mark = view.transaction->Mark();
    if (view.transaction && config.family->expiry() != nullptr) {
      view.transaction->NoteExpiry(*config.family->expiry());
    }
    config.layer = std::move(view.transaction);
  }
  config.range = std::move(request.range);
  config.flags = request.flags;
  config.canceled = &canceled_;
  config.readahead_bytes = request.readahead_bytes;
  return config;
}

CursorRows Session::OpenCursor(ScanRequest request, const Page& page) {
  CursorRows rows;
  Cursor::Config config = Configure(std::move(request), &rows.page.error);
  if (!rows.page.error.ok()) return rows;
  const bool nowait = (config.flags & kNoWait) != 0;
  // What is read from memory now and from disk later must come from one view.
  const bool needs_view = nowait || page.max_rows == 0;
  if (needs_view && !config.snapshot) {
    config.snapshot = std::make_shared<Snapshot>(config.family->db(), view_);
  }
  auto cursor = std::make_shared<Cursor>(std::move(config));
  if (page.max_rows != 0) rows.page = cursor->Next(page);
  if (!rows.page.error.ok() || rows.page.not_cached || rows.page.exhausted) return rows;
  if (nowait) cursor->AllowIo();
  rows.cursor = resources_.Add(std::move(cursor));
  return rows;
}

CursorRows Session::NextRows(uint32_t cursor, const Page& page) {
  CursorRows rows;
  const std::shared_ptr<Cursor> found = resources_.FindIdle<Cursor>(cursor, &rows.page.error);
  if (!found) return rows;
  rows.page = found->Next(page);
  // After a row that cannot be read the cursor stays open, so that it can seek past it.
  if (rows.page.exhausted) resources_.End(cursor);
  rows.cursor = rows.page.exhausted ? 0 : cursor;
  return rows;
}

Error Session::NextRowsElsewhere(uint32_t cursor, const Page& page,
                                 std::function<void(const PageResult&)> done) {
  Error error;
  std::shared_ptr<Cursor> lent = resources_.FindIdle<Cursor>(cursor, &error);
  if (!lent) return error;
  store_->executor().Run(
      [lease = TakeLease(), lent = std::move(lent), page, done = std::move(done)]() mutable {
        PageResult result;
        try {
          result = lent->Next(page);
        } catch (...) {
          result.error = CaughtError();
        }
        lent.reset();
        done(result);
        done = nullptr;
        lease.reset();
      });
  resources_.SetBusy(cursor, true);
  return error;
}

uint32_t Session::TakeBackCursor(uint32_t cursor, const PageResult& page) {
  const bool ended = page.exhausted || !page.error.ok();
  if (open_) {
    resources_.SetBusy(cursor, false);
    if (ended) resources_.End(cursor);
  }
  return ended ? 0 : cursor;
}

Error Session::Seek(uint32_t cursor, std::string_view key) {
  Error error;
  const std::shared_ptr<Cursor> found = resources_.FindIdle<Cursor>(cursor, &error);
  if (found) found->Seek(rocksdb::Slice(key.data(), key.size()));
  return error;
}

Result<Cursor::Config> Session::PrepareCount(ScanRequest request) {
  Error error;
  Cursor::Config config = Configure(std::move(request), &error);
  if (!error.ok()) return error;
  // A count takes as long as a scan, and its iterator releases old files only with a snapshot.
  if ((config.flags & kRefresh) != 0 && !config.snapshot) {
    config.snapshot = std::make_shared<Snapshot>(config.family->db(), view_);
  }
  return config;
}

}  // namespace rocksdb_live
