// A record of what a database's directory must at least contain, so that truncated or removed files
// are noticed: RocksDB takes a MANIFEST that ends early for that of a younger database, and deletes
// the files that it does not know.
//
// The record is a lower bound. If it is missing, older than the database, or made for another
// database, it proves nothing: copies, checkpoints and databases that other programs wrote to open
// as usual.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/error.h"
#include "engine/directory/survey.h"

namespace rocksdb_live {

struct FootprintRecord {
  std::string identity;
  bool ours = false;            // nobody but this package has written to it
  uint64_t manifest = 0;        // its number
  uint64_t manifest_bytes = 0;  // bytes that were synced
  uint64_t wal = 0;             // newest WAL with rows at the close; 0 while open
  uint64_t wal_bytes = 0;       // bytes of it that were synced
};

// Read it before the directory is examined: a writer only adds to the directory meanwhile. The
// identity is empty if there is no readable record.
FootprintRecord ReadFootprint(const std::string& path);
void RemoveFootprint(const std::string& path);

// kCorruption if something is missing that must be there.
Error CheckFootprint(const FootprintRecord& record, const Survey& survey,
                     const std::string& wal_dir);

// Whether nobody but this package has written to the database since it was created: other programs
// leave another MANIFEST.
bool IsOurs(const FootprintRecord& record, const Survey& survey);

// How much was written to one WAL file, by any thread.
struct WalProgress {
  std::atomic<uint64_t> written{0};
  std::atomic<uint64_t> synced{0};
};

// Keeps the record of an open database up to date.
class Footprint {
 public:
  void OnManifestSynced(uint64_t number, uint64_t bytes);
  std::shared_ptr<WalProgress> OnNewWal(uint64_t number);

  // Starts recording, including what was synced before.
  void Start(const std::string& path, const std::string& identity, bool ours);
  // Call after the close: records that the newest WAL must remain, too. A WAL in a separate folder
  // counts only if it was synced: otherwise a power loss may remove it and not the record.
  void Finish(const std::string& wal_dir);

 private:
  // Not synced, since that would double the cost of a close: after a power loss the record is an
  // older one or missing.
  void Write();

  std::mutex mutex_;
  std::string path_;
  FootprintRecord record_;
  uint64_t wal_ = 0;
  std::shared_ptr<WalProgress> progress_;
};

}  // namespace rocksdb_live
