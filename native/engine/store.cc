#include "engine/store.h"

#include <set>
#include <system_error>

#include "engine/modes.h"
#include "engine/read_options.h"
#include "rocksdb/write_batch.h"

namespace rocksdb_live {

using rocksdb::Status;

namespace {

constexpr std::chrono::seconds kHealingInterval{1};

// Counts a write that may take a disk's time, so that no JavaScript thread joins its write group.
class SlowWrite {
 public:
  SlowWrite(std::atomic<int>* count, bool slow) : count_(slow ? count : nullptr) {
    if (count_ != nullptr) count_->fetch_add(1, std::memory_order_acq_rel);
  }
  SlowWrite(const SlowWrite&) = delete;
  SlowWrite& operator=(const SlowWrite&) = delete;
  ~SlowWrite() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_acq_rel);
  }

 private:
  std::atomic<int>* const count_;
};

}  // namespace

Store::Store(const OpenRequest& request)
    : request_(request),
      builder_(request.shared),
      health_(std::make_shared<HealthListener>()),
      events_(std::make_shared<Events>()),
      commits_(std::make_unique<CommitQueue>(
          [this](std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts) {
            return Write(batch, flags, parts);
          },
          &recorders_)),
      executor_(std::make_unique<Executor>()) {
  for (const FamilyRequest& family : request.families) named_options_[family.name] = family.options;
}

Store::~Store() { static_cast<void>(Close()); }

Error Store::Close() {
  if (!db_ && !view()) return Error();
  executor_.reset();
  commits_.reset();
  EndHealing();
  Error error = Persist();
  {
    std::unique_lock<std::shared_mutex> lock(families_mutex_);
    families_.clear();
    view_.reset();
  }
  if (!db_) return error;
  const Error closed = Error::From(db_->Close());
  db_.reset();
  lock_.Release();
  return error.ok() ? closed : error;
}

// RocksDB's own close flushes, too, and keeps to itself whether that worked. What was acknowledged
// may be in memory only: writes without the WAL, and the WAL's end under manual_wal_flush.
Error Store::Persist() {
  if (request_.mode != Mode::kReadWrite) return Error();
  if (unlogged_.load(std::memory_order_acquire) &&
      !db_->GetDBOptions().avoid_flush_during_shutdown) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto families = AllFamilies();
    handles.reserve(families.size());
    for (const auto& family : families) handles.push_back(family->handle());
    const Status status = db_->Flush(rocksdb::FlushOptions(), handles);
    if (!status.ok()) return Error::FromWrite(status);
  }
  return Error::From(db_->FlushWAL(false));
}

Error Store::Write(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts) {
  if (!db_) return CheckMode(mode(), "commit");
  std::shared_lock<std::shared_mutex> lock(families_mutex_);
  uint32_t kinds = 0;
  const auto find = [this](uint32_t id) -> const Family* {
    return id < families_.size() ? families_[id].get() : nullptr;
  };
  Error error = CheckBatch(*batch, find, &kinds);
  if (!error.ok()) return error;
  if ((flags & kDisableWal) != 0 && !unlogged_.load(std::memory_order_relaxed)) unlogged_ = true;
  if (resuming_) return WhileResuming();
  const SlowWrite slow(&slow_writes_, (flags & kSync) != 0);
  rocksdb::WriteBatch write_batch = MakeWriteBatch(std::move(*batch), kinds);
  const bool recorded = recorders_.any();
  const auto begin = recorded ? Recorders::Clock::now() : Recorders::Clock::time_point();
  const Status status = db_->Write(MakeWriteOptions(flags), &write_batch);
  const auto took = recorded ? Recorders::Clock::now() - begin : Recorders::Clock::duration();
  *batch = write_batch.Release();
  if (status.ok()) {
    if (recorded && parts.empty()) recorders_.OnCommit(took, {BatchCount(*batch), batch->size()});
    if (recorded && !parts.empty()) recorders_.OnCommit(took, parts);
    return Error();
  }
  Heal();
  return Error::FromWrite(status);
}

void Store::AddRecorder(std::shared_ptr<Recorder> recorder) { recorders_.Add(std::move(recorder)); }

void Store::RemoveRecorder(const std::shared_ptr<Recorder>& recorder) {
  recorders_.Remove(recorder);
}

Error Store::WhileResuming() const {
  const Health health = health_->Get();
  return Error(health.no_space ? Code::kNoSpace : Code::kBusy,
               "writing is being taken up again after: " + health.message, Outcome::kNotApplied);
}

void Store::Heal() {
  if (!health_->Get().no_space) return;
  std::lock_guard<std::mutex> lock(healer_mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (healing_ || now < next_healing_) return;
  if (healer_.joinable()) healer_.join();
  next_healing_ = now + kHealingInterval;
  healing_ = true;
  try {
    healer_ = std::thread([this] {
      static_cast<void>(Resume());
      healing_ = false;
    });
  } catch (const std::system_error&) {
    healing_ = false;  // no thread can be started: another write will try again
  }
}

Error Store::Resume() {
  Error allowed = CheckMode(mode(), "resume");
  if (!allowed.ok()) return allowed;
  std::lock_guard<std::mutex> one_at_a_time(resume_mutex_);
  if (health_->Get().severity == 0) return Error::From(db_->Resume());
  {
    // Waits for the writes under way: one that fails while RocksDB resumes makes that fail, too,
    // and can leave the next attempt waiting for good.
    std::unique_lock<std::shared_mutex> lock(families_mutex_);
    resuming_ = true;
  }
  const Status status = db_->Resume();
  if (status.ok()) health_->Clear();
  resuming_ = false;
  return Error::From(status);
}

void Store::EndHealing() {
  std::lock_guard<std::mutex> lock(healer_mutex_);
  if (healer_.joinable()) healer_.join();
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
  for (const auto& family : AllFamilies()) names.emplace_back(family->name(), family->id());
  return names;
}

const FamilyOptionMaps& Store::OptionsOf(const std::string& name) const {
  const auto named = named_options_.find(name);
  return named == named_options_.end() ? request_.defaults : named->second;
}

void Store::Add(rocksdb::ColumnFamilyHandle* handle) {
  rocksdb::ColumnFamilyDescriptor descriptor;
  const bool mergeable =
      handle->GetDescriptor(&descriptor).ok() && descriptor.options.merge_operator != nullptr;
  const uint32_t id = handle->GetID();
  if (families_.size() <= id) families_.resize(id + 1);
  families_[id] = std::make_shared<Family>(db_.get(), handle, mergeable);
}

Result<uint32_t> Store::CreateFamily(const std::string& name, const FamilyOptionMaps* options) {
  if (name.empty()) {
    // RocksDB would create it and lose it at the next open.
    return Error(Code::kInvalidArgument, "a column family needs a name");
  }
  Error error = CheckMode(mode(), "createFamily");
  if (!error.ok()) return error;
  const FamilyOptionMaps maps = options != nullptr ? *options : request_.defaults;
  rocksdb::ColumnFamilyOptions family_options;
  error = builder_.BuildFamily(name, maps, &family_options);
  if (!error.ok()) return error;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  error = Error::From(db_->CreateColumnFamily(family_options, name, &handle));
  if (!error.ok()) return error;
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  named_options_[name] = maps;
  Add(handle);
  return handle->GetID();
}

Error Store::DropFamily(uint32_t id) {
  Error error = CheckMode(mode(), "dropFamily");
  if (!error.ok()) return error;
  std::shared_ptr<Family> family;
  std::unique_lock<std::shared_mutex> lock(families_mutex_);
  if (id < families_.size()) family = families_[id];
  if (!family) return Error(Code::kDropped, "the column family was dropped before");
  if (id == 0) return Error(Code::kInvalidArgument, "the default column family cannot be dropped");
  error = Error::From(db_->DropColumnFamily(family->handle()));
  if (!error.ok()) return error;
  family->set_dropped();
  families_[id].reset();
  named_options_.erase(family->name());
  lock.unlock();  // freeing its files is not for the lock
  return Error();
}

Error Store::Join(const OpenRequest& request) {
  // One at a time: two that name the same new family must not both create it.
  std::lock_guard<std::mutex> joining(join_mutex_);
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
    const Result<uint32_t> created = CreateFamily(family->name, &family->options);
    if (!created.ok()) return created.error;
  }
  return Error();
}

void Store::Compare(const OpenRequest& request, std::vector<std::string>* differences,
                    std::vector<const FamilyRequest*>* missing) const {
  CompareOptions("", request_.db, request.db, differences);
  CompareOptions("", request_.shared.Describe(), request.shared.Describe(), differences);
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
    const FamilyOptionMaps& open = OptionsOf(family.name);
    const std::string where = "column family \"" + family.name + "\": ";
    CompareOptions(where, open.column_family, family.options.column_family, differences);
    CompareOptions(where, open.table, family.options.table, differences);
  }
}

}  // namespace rocksdb_live
