#include "engine/readers/reader.h"

#include <algorithm>
#include <limits>
#include <set>

#include "engine/base/fallback_merge.h"
#include "engine/base/merge_rules.h"
#include "engine/base/wide_columns.h"
#include "engine/directory/directory.h"
#include "engine/files/lock_owner.h"
#include "engine/options/expiry_filter.h"
#include "engine/options/rocksdb_open.h"

namespace rocksdb_live {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::DB;
using rocksdb::DBOptions;
using rocksdb::Status;

// If the capture is exact, a failure is the database's own; the second try covers unknown behaviour
// of file systems.
constexpr int kExactTries = 2;
// If tables are opened by name, a compaction may delete them first.
constexpr int kTries = 10;

// Like maxOpenFiles in lib/tuning/base.ts: a quarter, and at least 256, remain for sockets and the
// rest.
size_t MostTables(int max_open_files) {
  if (max_open_files >= 0) return static_cast<size_t>(max_open_files);
  const uint64_t limit = OpenFileLimit();
  if (limit == 0) return std::numeric_limits<size_t>::max();
  const uint64_t reserve = std::max<uint64_t>(256, (limit + 3) / 4);
  return static_cast<size_t>(std::max(limit > reserve ? limit - reserve : 0, limit / 2));
}

}  // namespace

std::set<std::string> LiveFiles(DB* db) {
  std::vector<std::string> files;
  uint64_t manifest_size = 0;
  std::set<std::string> names;
  if (!db->GetLiveFiles(files, &manifest_size, false).ok()) return names;
  for (const std::string& file : files) {
    const size_t slash = file.rfind('/');
    names.insert(slash == std::string::npos ? file : file.substr(slash + 1));
  }
  return names;
}

Reader::Reader(std::string path, DBOptions options, std::vector<std::string> table_dirs,
               Describe describe, std::shared_ptr<rocksdb::FileSystem> files, bool refuse_columns)
    : path_(std::move(path)),
      options_(std::move(options)),
      table_dirs_(std::move(table_dirs)),
      describe_(std::move(describe)),
      refuse_columns_(refuse_columns),
      files_(std::move(files)) {}

Result<Reader::View> Reader::Open(const View& current, HeldFiles* held_files) {
  CaptureRequest request;
  request.path = path_;
  request.wal_dir = options_.wal_dir.empty() ? path_ : options_.wal_dir;
  request.table_dirs = table_dirs_;
  request.files = files_;
  request.table_options = rocksdb::FileOptions(options_);
  request.most_tables = MostTables(options_.max_open_files);
  request.previous = current ? &current->instance->files() : nullptr;
  for (int tries = 1;; ++tries) {
    Result<Captured> captured = Capture(request);
    if (!captured.ok()) return captured.error;
    if (current && captured.value.fingerprint == current->fingerprint) return current;
    const bool held = captured.value.holds_tables;
    Result<View> opened = OpenOn(std::move(captured.value), held_files);
    if (opened.ok() || opened.error.code() == Code::kInvalidArgument) return opened;
    if (tries >= (IsExact(held) ? kExactTries : kTries)) return AfterTries(opened.error, held);
  }
}

// A WAL in use may end in the middle of a record, which only strict recovery refuses.
bool Reader::IsExact(bool held_tables) const {
  return held_tables &&
         options_.wal_recovery_mode != rocksdb::WALRecoveryMode::kAbsoluteConsistency;
}

// While a writer is active, a failure that it may have caused says nothing about the database.
Error Reader::AfterTries(const Error& error, bool held_tables) const {
  const std::string writer = WriterOf(path_);
  if (IsExact(held_tables) || writer.empty()) return error;
  const std::string why =
      held_tables ? "is in the middle of a record of its WAL, as it seems, and recovery is strict: "
                  : "deletes tables faster than they can be opened, and the process may have too "
                    "few descriptors (ulimit -n) to hold them all: ";
  return Error(Code::kBusy, "the writer (" + writer + ") " + why + error.message());
}

Result<Reader::View> Reader::OpenOn(Captured captured, HeldFiles* held) {
  DBOptions options = options_;
  const std::string wal_dir = options.wal_dir.empty() ? path_ : options.wal_dir;
  const bool holds_tables = captured.holds_tables;
  if (held != nullptr) *held = captured.held;
  auto files =
      std::make_shared<ReaderFiles>(files_, std::move(captured.held), wal_dir, holds_tables);
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  options.env = env.get();
  options.create_if_missing = false;
  const size_t most = std::min(captured.most_open.value_or(size_t{std::numeric_limits<int>::max()}),
                               MostTables(options_.max_open_files));
  options.max_open_files = holds_tables ? -1 : static_cast<int>(most);
  // Without it, a read-only RocksDB crashes on a MANIFEST that lists WALs.
  options.track_and_verify_wals_in_manifest = true;
  Descriptors families;
  Error error = describe_(options, &families);
  if (!error.ok()) return error;
  std::vector<ColumnFamilyHandle*> handles;
  std::unique_ptr<DB> db;
  error = Error::From(OpenInto(&db,
                               [&](auto* out) -> decltype(DB::OpenForReadOnly(
                                                  options, path_, families, &handles, out, false)) {
                                 return DB::OpenForReadOnly(options, path_, families, &handles, out,
                                                            false);
                               }));
  if (!error.ok()) return error;
  if (refuse_columns_) db = RefuseWideColumns(std::move(db));
  auto view = std::make_shared<ReaderView>();
  view->instance = std::make_shared<Instance>(files, std::move(env), std::move(db));
  view->fingerprint = std::move(captured.fingerprint);
  for (ColumnFamilyHandle* handle : handles) {
    std::shared_ptr<Family> family = NewFamily(view->instance, handle);
    const uint32_t number = family->id();
    if (view->families.size() <= number) view->families.resize(number + 1);
    view->families[number] = std::move(family);
  }
  files->KeepTables(LiveFiles(view->db()));
  return View(std::move(view));
}

std::shared_ptr<Family> Reader::NewFamily(const std::shared_ptr<Instance>& instance,
                                          ColumnFamilyHandle* handle) {
  rocksdb::ColumnFamilyDescriptor descriptor;
  const rocksdb::MergeOperator* const merge_operator =
      handle->GetDescriptor(&descriptor).ok() ? descriptor.options.merge_operator.get() : nullptr;
  const bool mergeable = merge_operator != nullptr && !IsFallbackMerge(merge_operator);
  auto family =
      std::make_shared<Family>(instance->db(), handle, mergeable, FindMergeRule(merge_operator),
                               NumberFor(handle->GetName(), handle->GetID()), instance);
  family->set_expiry(ExpiryIn(descriptor.options));
  return family;
}

uint32_t Reader::NumberFor(const std::string& name, uint32_t id) {
  const auto known = numbers_.find({name, id});
  if (known != numbers_.end()) return known->second;
  bool taken = false;
  uint32_t next = 0;
  for (const auto& [family, number] : numbers_) {
    taken = taken || number == id;
    next = std::max(next, number + 1);
  }
  return numbers_[{name, id}] = taken ? next : id;
}

}  // namespace rocksdb_live
