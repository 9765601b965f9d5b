// Keeps RocksDB's recovery from a background error going.
//
// While its background work is stopped, RocksDB loses flushes in two ways: a flush job that starts
// then takes nothing from the queue and still uses up its turn, and a request from before the error
// is dropped by the recovery, which waits for that very flush (DBImpl::BackgroundFlush). Either
// makes Resume, a later flush and the close wait for good. Nothing public reaches the queue.
#pragma once

#include "rocksdb/status.h"

namespace rocksdb {
class DB;
}

namespace rocksdb_live {

// Makes the requests that wait part of the recovery, asks again for flushes that were dropped, and
// gives every request a turn. Cheap: to be called once in a while as long as Resume has not
// returned, and once after. `db` must be open for writing.
void KeepRecoveryGoing(rocksdb::DB* db);

// The background error that is in force; OK where there is none.
rocksdb::Status BackgroundError(rocksdb::DB* db);

}  // namespace rocksdb_live
