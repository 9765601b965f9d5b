// What a reader gets while it is behind the ring: commits out of WAL files.
#include "engine/changes/changes.h"
#include "rocksdb/transaction_log.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {

Error Changes::DrainWal(ChangeFeed* feed, ChangePage* page, uint64_t stop) {
  rocksdb::TransactionLogIterator* const wal = feed->wal.get();
  for (; wal->Valid() && !page->full() && feed->at.next < stop; wal->Next()) {
    const rocksdb::BatchResult record = wal->GetBatch();
    const uint64_t end = record.sequence + static_cast<uint64_t>(record.writeBatchPtr->Count());
    if (end <= feed->at.next) continue;
    // GetBatch has taken the batch out of the iterator, which cannot give it again.
    if (record.sequence > feed->at.next) {
      feed->wal.reset();
      return Gap(feed->at.next);
    }
    if (end > stop) {
      feed->wal.reset();
      feed->waits_behind = stop;
      return Error();
    }
    Error error = page->AddBatch(*record.writeBatchPtr, record.sequence, end, 0, &feed->at);
    if (!error.ok()) {
      feed->wal.reset();
      return error;
    }
  }
  return Error();
}

Error Changes::FromWal(ChangeFeed* feed, ChangePage* page, uint64_t stop) {
  // An iterator sees the files that were there when it was made, and what was flushed to them.
  Error failure;
  for (int attempt = 0; attempt < 3; ++attempt) {
    failure = Error();
    if (!feed->wal || !feed->wal->Valid()) {
      feed->wal.reset();
      feed->wal_of = Db();
      if (attempt == 2) feed->wal_of->FlushWAL(false).PermitUncheckedError();
      // Of files whose starts are not in order, RocksDB's search may pass over the right one.
      const uint64_t from = attempt != 0 && !StartsAreInOrder() ? 0 : feed->at.next;
      const rocksdb::Status status = feed->wal_of->GetUpdatesSince(from, &feed->wal);
      if (!status.ok() || !feed->wal) {
        feed->wal.reset();
        if (status.IsIOError() && !status.IsPathNotFound()) failure = Error::From(status);
        continue;
      }
    }
    Error error = DrainWal(feed, page, stop);
    const bool again = error.code() == Code::kChangesGap && page->empty() && attempt == 0;
    if (again && !StartsAreInOrder()) continue;
    if (!error.ok() || !page->empty() || feed->waits_behind == stop) return error;
    feed->wal.reset();
  }
  return failure.ok() ? Gap(feed->at.next) : failure;
}

}  // namespace rocksdb_live
