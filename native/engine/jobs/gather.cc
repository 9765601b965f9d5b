#include "engine/jobs/gather.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

namespace rocksdb_live {
namespace {

using Map = std::map<std::string, std::string>;

double NumberOf(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? 0 : std::strtod(found->second.c_str(), nullptr);
}

double Property(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family, const std::string& name) {
  uint64_t value = 0;
  return db->GetIntProperty(family, name, &value) ? static_cast<double>(value) : 0;
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

struct DiskBytes {
  uint64_t wal = 0;
  uint64_t others = 0;  // SST and blob files
};

void AddDirectory(rocksdb::Env* env, const std::string& directory, DiskBytes* bytes) {
  std::vector<rocksdb::Env::FileAttributes> files;
  if (!env->GetChildrenFileAttributes(directory, &files).ok()) return;  // maybe no archive
  for (const auto& file : files) {
    if (EndsWith(file.name, ".log")) {
      bytes->wal += file.size_bytes;
    } else if (EndsWith(file.name, ".sst") || EndsWith(file.name, ".blob")) {
      bytes->others += file.size_bytes;
    }
  }
}

// What is on the disk, obsolete files included: RocksDB's properties only count live ones.
DiskBytes BytesOnDisk(rocksdb::DB* db, const std::vector<std::shared_ptr<Family>>& families) {
  const rocksdb::DBOptions options = db->GetDBOptions();
  std::set<std::filesystem::path> directories;
  const auto add = [&](const std::string& path) {
    std::error_code failed;
    const auto canonical = std::filesystem::canonical(std::filesystem::u8path(path), failed);
    // Paths of a database in memory cannot be resolved.
    directories.insert(failed ? std::filesystem::u8path(path) : canonical);
  };
  add(db->GetName());
  for (const auto& path : options.db_paths) add(path.path);
  if (!options.wal_dir.empty()) add(options.wal_dir);
  add((options.wal_dir.empty() ? db->GetName() : options.wal_dir) + "/archive");
  for (const auto& family : families) {
    for (const auto& path : db->GetOptions(family->handle()).cf_paths) add(path.path);
  }
  DiskBytes bytes;
  for (const auto& directory : directories)
    AddDirectory(db->GetEnv(), directory.u8string(), &bytes);
  return bytes;
}

double OldestSnapshotAge(rocksdb::DB* db) {
  const double oldest =
      Property(db, db->DefaultColumnFamily(), rocksdb::DB::Properties::kOldestSnapshotTime);
  if (oldest == 0) return 0;
  const double now = static_cast<double>(db->GetEnv()->NowMicros()) / 1e6;
  return now > oldest ? now - oldest : 0;
}

// Files and bytes per level, from rocksdb.cfstats, which omits levels that were never used.
void AddLevels(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family, const Map& stats,
               FamilyFigures* figures) {
  const int levels = db->NumberLevels(family);
  double places = figures->figures.back().second;  // memtables
  for (int level = 0; level < levels; ++level) {
    const std::string prefix = "compaction.L" + std::to_string(level);
    const double files = NumberOf(stats, prefix + ".NumFiles");
    figures->level_files.push_back(files);
    figures->level_bytes.push_back(NumberOf(stats, prefix + ".SizeBytes"));
    places += level == 0 || files == 0 ? files : 1;
  }
  figures->figures.emplace_back("read_amplification", places);
  figures->figures.emplace_back("write_amplification", NumberOf(stats, "compaction.Sum.WriteAmp"));
}

FamilyFigures OfFamily(Store* store, const Family& family) {
  using P = rocksdb::DB::Properties;
  rocksdb::DB* const db = family.db();
  rocksdb::ColumnFamilyHandle* const handle = family.handle();
  const auto property = [&](const std::string& name) { return Property(db, handle, name); };
  const JobTotals totals = store->events().TotalsOf(family.id());
  FamilyFigures result;
  result.name = family.name();
  result.figures = {
      {"flushes_total", static_cast<double>(totals.flushes)},
      {"flush_written_bytes_total", static_cast<double>(totals.flush_written_bytes)},
      {"compactions_total", static_cast<double>(totals.compactions)},
      {"compaction_read_bytes_total", static_cast<double>(totals.compaction_read_bytes)},
      {"compaction_written_bytes_total", static_cast<double>(totals.compaction_written_bytes)},
      {"compaction_seconds_total", static_cast<double>(totals.compaction_micros) / 1e6},
      {"keys", property(P::kEstimateNumKeys)},
      {"live_data_bytes", property(P::kEstimateLiveDataSize)},
      {"memtable_bytes", property(P::kSizeAllMemTables)},
      {"pending_compaction_bytes", property(P::kEstimatePendingCompactionBytes)},
      {"blob_files", property(P::kNumBlobFiles)},
      {"blob_bytes", property(P::kTotalBlobFileSize)},
      {"blob_garbage_bytes", property(P::kLiveBlobFileGarbageSize)},
      {"memtables", 1 + property(P::kNumImmutableMemTable)},
  };
  const Expiry* const expiry = family.expiry();
  result.figures.insert(
      result.figures.begin(),
      {{"expired_rows_hidden_total", expiry == nullptr ? 0 : static_cast<double>(expiry->hidden)},
       {"expired_rows_dropped_total",
        expiry == nullptr ? 0 : static_cast<double>(expiry->dropped)}});
  Map stats;
  db->GetMapProperty(handle, P::kCFStats, &stats);
  AddLevels(db, handle, stats, &result);
  db->GetMapProperty(handle, P::kCFWriteStallStats, &result.stalls);
  return result;
}

void AddTransactions(const Transactions& transactions, Figures* figures) {
  using C = TransactionCount;
  const auto count = [&](const char* name, C what) {
    figures->emplace_back(name, static_cast<double>(transactions.CountOf(what)));
  };
  figures->emplace_back("transactions_open", static_cast<double>(transactions.open()));
  figures->emplace_back("oldest_transaction_age_seconds", transactions.OldestAgeSeconds());
  figures->emplace_back("transaction_window_bytes",
                        static_cast<double>(transactions.window().bytes()));
  count("transactions_committed_total", C::kCommitted);
  count("transactions_rolled_back_total", C::kRolledBack);
  count("transaction_retries_total", C::kRetry);
  count("transaction_lock_waits_total", C::kLockWait);
  count("transaction_conflicts_key", C::kConflictKey);
  count("transaction_conflicts_range", C::kConflictRange);
  count("transaction_conflicts_too_old", C::kTooOld);
  count("transaction_conflicts_deadlock", C::kDeadlock);
  count("transaction_conflicts_lock_timeout", C::kLockTimeout);
}

Figures OfStore(Store* store, const std::vector<std::shared_ptr<Family>>& families) {
  using P = rocksdb::DB::Properties;
  rocksdb::DB* const db = families.front()->db();
  const auto property = [&](const std::string& name) {
    return Property(db, db->DefaultColumnFamily(), name);
  };
  Map stats;
  db->GetMapProperty(db->DefaultColumnFamily(), P::kDBStats, &stats);
  Map stalls;
  db->GetMapProperty(db->DefaultColumnFamily(), P::kDBWriteStallStats, &stalls);
  const DiskBytes disk = BytesOnDisk(db, families);
  // Not from the property: a HyperClockCache would scan all its entries while RocksDB holds its
  // mutex.
  const auto pinned = static_cast<double>(store->shared().block_cache()->GetPinnedUsage());
  return {
      {"size_bytes", static_cast<double>(disk.wal + disk.others)},
      {"wal_bytes", static_cast<double>(disk.wal)},
      {"wal_synced_total", static_cast<double>(store->wal().syncs())},
      {"wal_writes_total", NumberOf(stats, "db.user_writes_with_wal")},
      {"wal_written_bytes_total", NumberOf(stats, "db.wal_bytes_written")},
      {"written_bytes_total", NumberOf(stats, "db.user_bytes_written")},
      {"written_keys_total", NumberOf(stats, "db.user_keys_written")},
      {"write_stall_seconds_total", NumberOf(stats, "db.user_write_stall_micros") / 1e6},
      {"write_buffer_manager_stops", NumberOf(stalls, "write-buffer-manager-limit-stops")},
      {"write_stopped", property(P::kIsWriteStopped)},
      {"delayed_write_rate_bytes_per_second", property(P::kActualDelayedWriteRate)},
      {"commit_queue_length", static_cast<double>(store->commits().length())},
      {"compaction_jobs", property(P::kNumRunningCompactions)},
      {"flush_jobs", property(P::kNumRunningFlushes)},
      {"block_cache_capacity_bytes", property(P::kBlockCacheCapacity)},
      {"block_cache_usage_bytes", property(P::kBlockCacheUsage)},
      {"block_cache_pinned_bytes", pinned},
      {"open_cursors", static_cast<double>(store->resource_counts().Of(ResourceKind::kCursor))},
      {"changes_readers", static_cast<double>(store->resource_counts().Of(ResourceKind::kFeed))},
      {"snapshots", property(P::kNumSnapshots)},
      {"oldest_snapshot_age_seconds", OldestSnapshotAge(db)},
      {"background_errors_total", static_cast<double>(store->events().background_errors())},
      {"background_error_severity", static_cast<double>(store->health().Get().severity)},
  };
}

}  // namespace

StoreFigures Gather(Store* store, const Recorder* recorder) {
  StoreFigures figures;
  const auto families = store->ListedFamilies();
  figures.figures = OfStore(store, families);
  AddTransactions(store->transactions(), &figures.figures);
  for (const auto& family : families) figures.families.push_back(OfFamily(store, *family));
  for (size_t row = 0; recorder != nullptr && row < std::size(kHistograms); ++row) {
    const Histogram* const measured = recorder->At(row);
    if (measured != nullptr) figures.histograms.emplace_back(kHistograms[row], measured->Read());
  }
  if (store->db() != nullptr) figures.places = store->changes().Places();
  figures.statistics = ReadStatistics(store->shared());
  return figures;
}

}  // namespace rocksdb_live
