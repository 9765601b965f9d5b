// One state of a database that a writer may be changing meanwhile.
//
// RocksDB's own readers read CURRENT, MANIFEST, the list of WALs, the WALs and the tables one after
// the other. In between, a writer flushes and deletes: rows are then in neither of what was read, a
// batch is in one family and not in the other, a table is gone. Here all of it is taken at one
// moment: the tables are opened first, then the WALs' lengths are taken from the newest to the
// oldest, and it counts where MANIFEST has not grown from before to after. What was opened and has
// not grown since stays, so that trying again opens what is new alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/readers/reader_files.h"

namespace rocksdb_live {

struct CaptureRequest {
  std::string path;
  std::string wal_dir;
  std::shared_ptr<rocksdb::FileSystem> files;
  // Where tables and blobs are, and how they are opened.
  std::vector<std::string> table_dirs;
  rocksdb::FileOptions table_options;
  // Tables and blobs that may be held; with more none is, and RocksDB opens them by name.
  size_t most_tables = 0;
  // Whose tables are taken over where they are the same; may be null.
  const ReaderFiles* previous = nullptr;
};

// What a state is told apart by.
struct Fingerprint {
  std::string current;  // what CURRENT says
  std::optional<FileId> manifest_id;
  uint64_t manifest_size = 0;
  // By the WAL's number: its length and, where that says nothing, a checksum of what it holds.
  std::map<uint64_t, std::pair<uint64_t, uint64_t>> wals;

  bool operator==(const Fingerprint& other) const {
    return current == other.current && manifest_id == other.manifest_id &&
           manifest_size == other.manifest_size && wals == other.wals;
  }
};

struct Captured {
  HeldFiles held;
  bool holds_tables = true;
  // Where the process ran out of descriptors before they were held: half of what it could open.
  std::optional<size_t> most_open;
  size_t tables = 0;  // and blobs that are there, held or not
  Fingerprint fingerprint;
};

// Takes its time, and opens files: not for a JavaScript thread. kBusy where the writer does not
// leave MANIFEST alone long enough.
Result<Captured> Capture(const CaptureRequest& request);

}  // namespace rocksdb_live
