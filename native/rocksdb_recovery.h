// Keeps RocksDB's recovery from a background error going.
//
// While its background work is stopped, RocksDB loses flushes in two ways: a flush job that starts
// then takes nothing from the queue and still uses up its turn, and a request from before the error
// is dropped by the recovery, which waits for that very flush (DBImpl::BackgroundFlush). Either
// makes Resume, a later flush and the close wait forever. No public call reaches the queue.
#pragma once

#include "rocksdb/status.h"

namespace rocksdb {
class DB;
}

namespace rocksdb_live {

// Makes waiting requests part of the recovery, repeats dropped flush requests, and gives every
// request a turn. Cheap: call it from time to time until Resume has returned, and once afterwards.
// `db` must be open for writing.
void KeepRecoveryGoing(rocksdb::DB* db);

// The background error in force; OK if there is none.
rocksdb::Status BackgroundError(rocksdb::DB* db);

}  // namespace rocksdb_live
