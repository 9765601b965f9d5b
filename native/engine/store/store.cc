#include "engine/store/store.h"

#include <set>

#include "engine/base/exceptions.h"
#include "engine/base/fallback_merge.h"
#include "engine/directory/wal_home.h"
#include "engine/files/memory_files.h"
#include "engine/files/sound_logs.h"
#include "engine/options/family_nature.h"
#include "engine/store/modes.h"

namespace rocksdb_live {

using rocksdb::Status;

namespace {

// A database in memory ends with its store: nobody else can open it.
std::shared_ptr<rocksdb::FileSystem> FilesFor(const OpenRequest& request) {
  if (request.in_memory) return MemoryFiles();
  return NowaitFiles(SoundLogs(LinksOrCopies(rocksdb::FileSystem::Default())));
}

FamilyRecord RecordOf(const Family& family) {
  FamilyRecord record;
  record.id = family.id();
  record.name = family.name();
  record.nature = NatureOf(family);
  return record;
}

}  // namespace

Store::Store(const OpenRequest& request)
    : request_(request),
      builder_(request.shared),
      health_(std::make_shared<HealthListener>([this] { healer_.Wake(); })),
      events_(std::make_shared<Events>()),
      wal_(FilesFor(request), footprint_,
           [this](Recorders::Clock::duration took) { recorders_.OnWalSync(took); }),
      healer_(health_, [this](bool hold) { HoldWrites(hold); }),
      commits_(std::make_unique<CommitQueue>(
          [this](std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts) {
            return Write(batch, flags, parts);
          },
          [this](const std::vector<CheckedWrite*>& writes, uint32_t flags) {
            return WriteChecked(writes, flags);
          },
          &recorders_)),
      executor_(std::make_unique<Executor>()) {
  for (const FamilyRequest& family : request.families) named_options_[family.name] = family.options;
}

Store::~Store() {
  static_cast<void>(Close());
  LeaveOpenFiles();
}

void Store::LeaveOpenFiles() {
  if (open_files_) OpenFiles::Get().Leave(*open_files_);
  open_files_.reset();
}

Error Store::Close() {
  if (!db_ && !view()) return Error();
  executor_.reset();
  if (replica_) replica_->Stop();
  commits_.reset();
  LeaveOpenFiles();
  changes_.Stop();
  reapplier_->Stop();
  idle_compactions_.Stop();
  // What was written without the WAL can only be saved by a recovery that is allowed to finish.
  healer_.Stop(!unlogged_);
  // After an exception in a write, RocksDB's queue of writers may be stuck.
  Error error = write_thrown_ ? AfterThrownWrite() : Caught([this] { return Persist(); });
  {
    std::unique_lock<std::shared_mutex> lock(families_mutex_);
    families_.clear();
    view_.reset();
  }
  if (!db_) return error;
  // If writes were stopped, Close only repeats the reason: what was acknowledged is in the WAL.
  const bool stopped = !health_->Refusal().ok();
  const Error closed = Caught([this] { return Error::From(db_->Close()); });
  db_.reset();
  const bool on_disk = request_.mode == Mode::kReadWrite && !request_.in_memory;
  if (closed.ok() && on_disk) footprint_->Finish(WalDirOf(request_));
  wal_lock_.Release();
  if (lock_) lock_->Release();
  return error.ok() && !stopped ? closed : error;
}

// RocksDB's own close flushes, too, but does not report whether that worked. Acknowledged rows may
// be in memory only: writes without the WAL, and the WAL's end under manual_wal_flush.
Error Store::Persist() {
  if (request_.mode != Mode::kReadWrite) return Error();
  if (unlogged_.load(std::memory_order_acquire) &&
      !db_->GetDBOptions().avoid_flush_during_shutdown) {
    if (!health_->Refusal().ok()) static_cast<void>(healer_.Resume());
    Error refusal = health_->Refusal();
    if (!refusal.ok()) return refusal;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto families = AllFamilies();
    handles.reserve(families.size());
    for (const auto& family : families) handles.push_back(family->handle());
    const Status status = db_->Flush(rocksdb::FlushOptions(), handles);
    if (!status.ok()) return Error::FromWrite(status);
  }
  const rocksdb::DBOptions options = db_->GetDBOptions();
  // Without manual_wal_flush each write has flushed the WAL, and one cut by a full disk would only
  // fail again.
  return options.manual_wal_flush ? Error::From(db_->FlushWAL(false)) : Error();
}

void Store::AddRecorder(std::shared_ptr<Recorder> recorder) { recorders_.Add(std::move(recorder)); }

void Store::RemoveRecorder(const std::shared_ptr<Recorder>& recorder) {
  recorders_.Remove(recorder);
}

Error Store::Resume() {
  const Error allowed = CheckMode(mode(), "resume");
  return allowed.ok() ? healer_.Resume() : allowed;
}

void Store::HoldWrites(bool hold) {
  const GateClosed closed(&gate_);
  resuming_ = hold;
}

std::shared_ptr<Family> Store::FindFamily(uint32_t id) const {
  std::shared_lock<std::shared_mutex> lock(families_mutex_);
  return id < families_.size() ? families_[id] : nullptr;
}

std::vector<std::shared_ptr<Family>> Store::AllFamilies() const {
  std::shared_lock<std::shared_mutex> lock(families_mutex_);
  std::vector<std::shared_ptr<Family>> live;
  for (const auto& family : families_) {
    if (family) live.push_back(family);
  }
  return live;
}

std::vector<std::pair<std::string, uint32_t>> Store::Families() const {
  std::vector<std::pair<std::string, uint32_t>> names;
  for (const auto& family : ListedFamilies()) names.emplace_back(family->name(), family->id());
  return names;
}

std::vector<FamilyRecord> Store::FamilyRecords() const {
  std::vector<FamilyRecord> records;
  for (const auto& family : AllFamilies()) records.push_back(RecordOf(*family));
  return records;
}

const FamilyOptionMaps& Store::OptionsOf(const std::string& name) const {
  const auto named = named_options_.find(name);
  return named == named_options_.end() ? request_.defaults : named->second;
}

void Store::Add(rocksdb::ColumnFamilyHandle* handle) {
  rocksdb::ColumnFamilyDescriptor descriptor;
  const rocksdb::MergeOperator* const merge_operator =
      handle->GetDescriptor(&descriptor).ok() ? descriptor.options.merge_operator.get() : nullptr;
  const bool mergeable = merge_operator != nullptr && !IsFallbackMerge(merge_operator);
  const uint32_t id = handle->GetID();
  if (families_.size() <= id) families_.resize(id + 1);
  families_[id] =
      std::make_shared<Family>(db_.get(), handle, mergeable, FindMergeRule(merge_operator));
  families_[id]->set_merge_operator(descriptor.options.merge_operator);
  families_[id]->set_expiry(ExpiryIn(descriptor.options));
  if (families_[id]->expiry() == nullptr) return;
  expires_ = true;
  if (kIdleNeedsLooks) idle_compactions_.Start([this] { return AllFamilies(); });
}

Result<uint32_t> Store::CreateFamily(const std::string& name, const FamilyOptionMaps* options) {
  if (name.empty()) {
    // RocksDB would create it, and lose it at the next open.
    return Error(Code::kInvalidArgument, "a column family needs a name");
  }
  Error error = CheckMode(mode(), "createFamily");
  if (error.ok()) error = health_->Refusal();
  if (!error.ok()) return error;
  const bool hidden = name == kReplicaFamily;
  if (hidden && request_.replica != ReplicaAccess::kRaw) {
    return Error(Code::kInvalidArgument, name + " is a name of the package's own");
  }
  const FamilyOptionMaps maps = options != nullptr ? *options : request_.defaults;
  rocksdb::ColumnFamilyOptions family_options;
  error = builder_.BuildFamily(name, maps, db_->GetDBOptions(), &family_options);
  if (!error.ok()) return error;
  if (hidden) family_options = HiddenOptions();
  if (!replica_) return MakeNow(name, maps, family_options);
  return ProposeFamily(name, maps, NatureOf(family_options));
}

Result<uint32_t> Store::MakeNow(const std::string& name, const FamilyOptionMaps& maps,
                                const rocksdb::ColumnFamilyOptions& options) {
  std::lock_guard<std::mutex> one_at_a_time(family_changes_);
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const Error error = Error::From(db_->CreateColumnFamily(options, name, &handle));
  if (!error.ok()) return error;
  const GateClosed closed(&gate_);
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  named_options_[name] = maps;
  Add(handle);
  FamilyRecord record = RecordOf(*families_[handle->GetID()]);
  record.kind = FamilyRecord::Kind::kCreated;
  changes_.OnFamily(std::move(record));
  return handle->GetID();
}

Error Store::DropFamily(uint32_t id) {
  Error error = CheckMode(mode(), "dropFamily");
  if (error.ok()) error = health_->Refusal();
  if (!error.ok()) return error;
  const std::shared_ptr<Family> family = FindFamily(id);
  if (!family) return Error(Code::kDropped, "the column family was dropped before");
  if (id == 0) return Error(Code::kInvalidArgument, "the default column family cannot be dropped");
  if (!replica_) return DropNow(family);
  if (!IsListed(*family)) return Error(Code::kInvalidArgument, "it is the package's own");
  return replica_->DropFamily(family->name(), id);
}

Error Store::DropNow(const std::shared_ptr<Family>& family) {
  std::lock_guard<std::mutex> one_at_a_time(family_changes_);
  if (family->dropped()) return Error(Code::kDropped, "the column family was dropped before");
  // From here on no batch contains the family, and none that does is in progress. RocksDB writes
  // the options of every family at each drop, so the rest runs without the gate.
  SetLive(family, false);
  Error error = Error::From(db_->DropColumnFamily(family->handle()));
  if (!error.ok()) {
    SetLive(family, true);
    return error;
  }
  {
    const GateClosed closed(&gate_);
    FamilyRecord record = RecordOf(*family);
    record.kind = FamilyRecord::Kind::kDropped;
    changes_.OnFamily(std::move(record));
  }
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  named_options_.erase(family->name());
  adopted_.erase(family->name());
  adopted_expiry_.erase(family->name());
  lock.unlock();  // frees its files without the lock
  return Error();
}

void Store::SetLive(const std::shared_ptr<Family>& family, bool live) {
  const GateClosed closed(&gate_);
  if (!live) transactions_.window().AddDropped(family->id());
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  family->set_dropped(!live);
  families_[family->id()] = live ? family : nullptr;
}

Error Store::Join(const OpenRequest& request) {
  // One at a time: two requests that name the same new family must not both create it.
  std::lock_guard<std::mutex> joining(join_mutex_);
  Error allowed = CheckJoin(request);
  if (!allowed.ok()) return allowed;
  std::vector<std::string> differences;
  std::vector<const FamilyRequest*> missing;
  Compare(request, &differences, &missing);
  if (!differences.empty()) {
    std::string text = "already open in this process with other options:";
    for (const std::string& difference : differences) text += "\n  " + difference;
    return Error(Code::kOptionsMismatch, text);
  }
  for (const FamilyRequest* family : missing) {
    if (!request.create_missing_families) {
      return Error(Code::kInvalidArgument, "column family \"" + family->name + "\" is not there");
    }
    if (replica_) {
      // Made when the log says so.
      std::unique_lock<std::shared_mutex> lock(families_mutex_);
      named_options_.emplace(family->name, family->options);
      continue;
    }
    const Result<uint32_t> created = CreateFamily(family->name, &family->options);
    if (!created.ok()) return created.error;
  }
  const bool claims = request.replica == ReplicaAccess::kNode;
  if (!claims || replica_->Claim()) return Error();
  return Error(Code::kLocked, "this process has it open as a replica already");
}

void Store::Compare(const OpenRequest& request, std::vector<std::string>* differences,
                    std::vector<const FamilyRequest*>* missing) const {
  CompareOptions("", request_.db, request.db, differences);
  CompareOptions("", CompleteShared(request_.shared), CompleteShared(request.shared), differences);
  const std::string others = "column families without options of their own: ";
  CompareOptions(others, request_.defaults.column_family, request.defaults.column_family,
                 differences);
  CompareOptions(others, request_.defaults.table, request.defaults.table, differences);
  std::set<std::string> live;
  for (const auto& [name, id] : Families()) live.insert(name);
  std::shared_lock<std::shared_mutex> lock(families_mutex_);
  for (const FamilyRequest& family : request.families) {
    if (live.count(family.name) == 0) {
      missing->push_back(&family);
      continue;
    }
    CompareFamily(family, differences);
  }
}

void Store::CompareFamily(const FamilyRequest& asked, std::vector<std::string>* differences) const {
  const FamilyOptionMaps& open = OptionsOf(asked.name);
  OptionMap of_open = open.column_family;
  OptionMap of_asked = asked.options.column_family;
  const auto adopted = adopted_.find(asked.name);
  if (adopted != adopted_.end() &&
      IsSameOperator(OptionsFile::Find(of_asked, "merge_operator"), *adopted->second)) {
    of_open.erase("merge_operator");
    of_asked.erase("merge_operator");
  }
  for (const auto& family : families_) {
    if (!family || family->name() != asked.name) continue;
    if (!IsSameExpiry(of_asked, family->expiry())) continue;
    of_open.erase("compaction_filter_factory");
    of_asked.erase("compaction_filter_factory");
  }
  const std::string where = "column family \"" + asked.name + "\": ";
  CompareOptions(where, of_open, of_asked, differences);
  CompareOptions(where, open.table, asked.options.table, differences);
}

}  // namespace rocksdb_live
