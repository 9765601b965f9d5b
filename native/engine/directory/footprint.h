// A record of what a database's directory must at least hold, so that files which were cut or taken
// away in whole pieces are noticed: RocksDB takes a MANIFEST that ends early for that of a younger
// database, and deletes the files that it does not know.
//
// The record is a lower bound. One that is older than what is there, that is missing, or that was
// made for another database says nothing: copies, checkpoints and what other programs wrote open as
// ever.
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
  uint64_t manifest_bytes = 0;  // that were synced
  uint64_t wal = 0;             // the newest one with rows when it was closed; 0 while it is open
  uint64_t wal_bytes = 0;       // of it that were synced
};

// Read it before the directory is looked at: whoever writes there meanwhile only adds. Without an
// identity where there is none that can be read.
FootprintRecord ReadFootprint(const std::string& path);
void RemoveFootprint(const std::string& path);

// kCorruption where something is missing that was there.
Error CheckFootprint(const FootprintRecord& record, const Survey& survey,
                     const std::string& wal_dir);

// Whether nobody but this package has written to the database since it was created: others leave
// another MANIFEST.
bool IsOurs(const FootprintRecord& record, const Survey& survey);

// What was written to one WAL file, by any thread.
struct WalProgress {
  std::atomic<uint64_t> written{0};
  std::atomic<uint64_t> synced{0};
};

// Keeps the record of an open database up to date.
class Footprint {
 public:
  void OnManifestSynced(uint64_t number, uint64_t bytes);
  std::shared_ptr<WalProgress> OnNewWal(uint64_t number);

  // From now on, and of what was synced until now.
  void Start(const std::string& path, const std::string& identity, bool ours);
  // After the close: the newest WAL is to stay, too. One in a folder of its own only where it was
  // synced: else a loss of power may take it, and leave the record.
  void Finish(const std::string& wal_dir);

 private:
  // Not synced, for it costs a close as much as everything else together: after a loss of power the
  // record is an older one or none.
  void Write();

  std::mutex mutex_;
  std::string path_;
  FootprintRecord record_;
  uint64_t wal_ = 0;
  std::shared_ptr<WalProgress> progress_;
};

}  // namespace rocksdb_live
