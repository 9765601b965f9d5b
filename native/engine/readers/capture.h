// One state of a database that a writer may be changing meanwhile.
//
// RocksDB's own readers read CURRENT, MANIFEST, the list of WALs, the WALs and the tables one after
// the other. In between, a writer flushes and deletes: some rows are then in neither the WALs nor
// the tables, a batch is visible in one family only, or a table is gone. Here everything is
// captured at one moment: the tables are opened first, then the WALs are measured from the newest
// to the oldest. The result is valid if MANIFEST has not grown meanwhile. Files that
// have not grown since stay open, so another attempt opens only the others.
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
  // The directories of tables and blobs, and the options to open them with.
  std::vector<std::string> table_dirs;
  rocksdb::FileOptions table_options;
  // How many tables and blobs may be held. If there are more, none is held, and RocksDB opens them
  // by name.
  size_t most_tables = 0;
  // Its tables are reused if they are the same files; may be null.
  const ReaderFiles* previous = nullptr;
};

// Tells two states apart.
struct Fingerprint {
  std::string current;  // the text of CURRENT
  std::optional<FileId> manifest_id;
  uint64_t manifest_size = 0;
  // By the WAL's number: its length and, if that means nothing, a checksum of its content.
  std::map<uint64_t, std::pair<uint64_t, uint64_t>> wals;

  bool operator==(const Fingerprint& other) const {
    return current == other.current && manifest_id == other.manifest_id &&
           manifest_size == other.manifest_size && wals == other.wals;
  }
};

struct Captured {
  HeldFiles held;
  bool holds_tables = true;
  // Set if the process ran out of descriptors: half of what it could open.
  std::optional<size_t> most_open;
  size_t tables = 0;  // tables and blobs in the directories, held or not
  Fingerprint fingerprint;
};

// Opens files and may take long: never on a JavaScript thread. Fails with kBusy if the writer keeps
// changing MANIFEST.
Result<Captured> Capture(const CaptureRequest& request);

}  // namespace rocksdb_live
