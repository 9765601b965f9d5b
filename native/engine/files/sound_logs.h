// Keeps RocksDB's reader of WALs and MANIFESTs from going round for ever.
#pragma once

#include <memory>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace rocksdb_live {

// Wraps `target` for files that are read as logs (by their names: WALs and MANIFESTs). RocksDB's
// log reader meets a record of a recycled log in one that is none without taking it, and meets it
// again, without end (db/log_reader.cc, ReadPhysicalRecord). Noise behind the last record is enough
// for that. Such a record gets a type that no record has, so that its checksum is wrong, as that of
// other noise is. What is read is as it was otherwise; files are not changed.
std::shared_ptr<rocksdb::FileSystem> SoundLogs(const std::shared_ptr<rocksdb::FileSystem>& target);

// Whether a file is read as a log, by its path.
bool IsLog(const std::string& path);

// The same for one file that is read as a log.
std::unique_ptr<rocksdb::FSSequentialFile> SoundLog(
    std::unique_ptr<rocksdb::FSSequentialFile> file);

// For calls of RocksDB that open files by themselves: the files of this machine, as above.
rocksdb::Env* SoundEnv();

}  // namespace rocksdb_live
