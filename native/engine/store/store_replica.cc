// A store as the database of a replica: what proposals are checked against, and how what is in the
// log is written.
#include "engine/directory/adopt.h"
#include "engine/directory/adopt_expiry.h"
#include "engine/options/family_nature.h"
#include "engine/store/modes.h"
#include "engine/store/store.h"
#include "rocksdb/table.h"

namespace rocksdb_live {
namespace {

constexpr size_t kHiddenBufferBytes = size_t{1} << 20;

Error IsAReplicas() {
  return Error(Code::kNotSupported,
               "it is a replica's: writes that are not in its log would be lost. Open it with "
               "openReplica, read-only, or make a plain database of it first: rocksdb-live replica "
               "<path> --detach");
}

Error OtherNature(const std::string& name, const std::string& here, const std::string& logged) {
  return Error(Code::kOptionsMismatch, "column family \"" + name + "\" has " +
                                           DescribeNature(logged) + " in the replica's log, and " +
                                           DescribeNature(here) +
                                           " here: all replicas need the same");
}

}  // namespace

class Store::Host : public ReplicaHost {
 public:
  explicit Host(Store* store) : store_(store) {}

  Error CheckProposal(const rocksdb::Slice& batch, const std::set<uint32_t>& dropping,
                      FamilyNames* names) override {
    const std::shared_lock<std::shared_mutex> lock(store_->families_mutex_);
    const auto find = [&](uint32_t id) -> const Family* {
      if (id >= store_->families_.size() || !store_->families_[id]) return nullptr;
      const Family& family = *store_->families_[id];
      if (id == hidden_ || dropping.count(id) != 0) return nullptr;
      names->emplace(id, family.name());
      return &family;
    };
    uint32_t kinds = 0;
    return CheckBatch(batch, find, &kinds);
  }

  bool FindNumber(const std::string& name, uint32_t* number) const override {
    const std::shared_ptr<Family> found = store_->FindNamed(name);
    if (!found || found->id() == hidden_) return false;
    *number = found->id();
    return true;
  }

  uint32_t hidden() const override { return hidden_; }

  Error WriteLogged(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                    bool known) override {
    return store_->WriteOf(batch, flags, parts, known);
  }

  Error MakeLogged(const std::string& name, const std::string& nature) override {
    return store_->MakeLogged(name, nature);
  }

  Error DropLogged(const std::string& name) override {
    const std::shared_ptr<Family> found = store_->FindNamed(name);
    return found ? store_->DropNow(found) : Error();
  }

  // RocksDB fails to sync files in memory beside a write, and there is nothing to sync.
  Error SyncLog() override { return Error::FromWrite(store_->db_->FlushWAL(!store_->in_memory())); }

  CommitWindow& window() override { return store_->transactions_.window(); }

  // Reads the place row.
  Error Load(std::optional<ReplicaPosition>* position) {
    const std::shared_ptr<Family> family = store_->FindNamed(kReplicaFamily);
    hidden_ = family->id();
    std::string row;
    const rocksdb::Status status =
        store_->db_->Get(rocksdb::ReadOptions(), family->handle(), kPlaceKey, &row);
    if (status.IsNotFound()) return Error();
    if (!status.ok()) return Error::From(status);
    ReplicaPosition read;
    if (!UnpackPosition(row, &read)) {
      return Error(Code::kCorruption, "the row with the replica's place in its log is damaged");
    }
    *position = read;
    return Error();
  }

 private:
  Store* const store_;
  uint32_t hidden_ = 0;
};

rocksdb::ColumnFamilyOptions Store::HiddenOptions() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kHiddenBufferBytes;
  options.compression = rocksdb::kNoCompression;
  return options;
}

Error Store::CheckAccess(bool hidden) const {
  if (request_.replica == ReplicaAccess::kNode && request_.mode != Mode::kReadWrite) {
    return Error(Code::kNotSupported, "a replica's node is opened read-write");
  }
  const bool plain = request_.replica == ReplicaAccess::kNone;
  return plain && hidden && request_.mode == Mode::kReadWrite ? IsAReplicas() : Error();
}

Error Store::StartReplica() {
  if (request_.replica != ReplicaAccess::kNode) return Error();
  const auto host = std::make_shared<Host>(this);
  std::optional<ReplicaPosition> position;
  Error error = host->Load(&position);
  if (!error.ok()) return error;
  replica_host_ = host;
  replica_ = std::make_unique<Replica>(host.get(), position);
  transactions_.window().TrackAlways();
  // Nothing is written inline.
  slow_writes_.fetch_add(1, std::memory_order_acq_rel);
  commits_->UseProposals(replica_.get());
  return error;
}

Error Store::CheckJoin(const OpenRequest& request) const {
  const bool node = request_.replica == ReplicaAccess::kNode;
  if (request.replica == ReplicaAccess::kNode && !node) {
    return Error(Code::kOptionsMismatch,
                 "already open in this process, and not as a replica: close it there first");
  }
  if (request.replica == ReplicaAccess::kRaw && node) {
    return Error(Code::kOptionsMismatch, "already open in this process as a replica");
  }
  const bool raw = request_.replica == ReplicaAccess::kRaw;
  return raw && request.replica == ReplicaAccess::kNone && FindNamed(kReplicaFamily) ? IsAReplicas()
                                                                                     : Error();
}

std::shared_ptr<Family> Store::FindNamed(const std::string& name) const {
  const std::shared_lock<std::shared_mutex> lock(families_mutex_);
  for (const auto& family : families_) {
    if (family && family->name() == name) return family;
  }
  return nullptr;
}

bool Store::IsListed(const Family& family) const {
  return request_.replica == ReplicaAccess::kRaw || family.name() != kReplicaFamily;
}

std::vector<std::shared_ptr<Family>> Store::ListedFamilies() const {
  std::vector<std::shared_ptr<Family>> listed;
  for (auto& family : AllFamilies()) {
    if (IsListed(*family)) listed.push_back(std::move(family));
  }
  return listed;
}

Error Store::WriteOf(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts,
                     bool known) {
  if (changes_.uncertain()) {
    const GateClosed closed(&gate_);
    return WriteInside(batch, flags, parts, true, known);
  }
  const GatePass pass(&gate_);
  return WriteInside(batch, flags, parts, false, known);
}

Result<uint32_t> Store::ProposeFamily(const std::string& name, const FamilyOptionMaps& maps,
                                      const std::string& nature) {
  {
    const std::unique_lock<std::shared_mutex> lock(families_mutex_);
    proposed_options_[name] = maps;
  }
  Error error = replica_->MakeFamily(name, nature);
  const std::shared_ptr<Family> made = FindNamed(name);
  {
    const std::unique_lock<std::shared_mutex> lock(families_mutex_);
    proposed_options_.erase(name);
  }
  if (!error.ok()) return error;
  if (!made) return Error(Code::kDropped, "the column family was dropped at once");
  return made->id();
}

Error Store::MakeLogged(const std::string& name, const std::string& nature) {
  const std::shared_ptr<Family> there = FindNamed(name);
  if (there) {
    const std::string here = NatureOf(*there);
    return IsSameNature(here, nature) ? Error() : OtherNature(name, here, nature);
  }
  FamilyOptionMaps maps = OptionsOf(name);
  {
    const std::shared_lock<std::shared_mutex> lock(families_mutex_);
    const auto proposed = proposed_options_.find(name);
    if (proposed != proposed_options_.end()) maps = proposed->second;
  }
  rocksdb::ColumnFamilyOptions options;
  Error error = BuildFamily(name, maps, db_->GetDBOptions(), &options);
  if (!error.ok()) return error;
  std::string here = NatureOf(options);
  const bool asked_without = maps.column_family.count("compaction_filter_factory") != 0;
  if (here.empty() && !nature.empty() && !(Expires(nature) && asked_without)) {
    error = Expires(nature) ? AdoptExpiryOf(name, nature, &adopted_expiry_)
                            : AdoptOperator(name, nature, &adopted_);
    if (error.ok()) error = BuildFamily(name, maps, db_->GetDBOptions(), &options);
    if (!error.ok()) return error;
    here = NatureOf(options);
  }
  if (!IsSameNature(here, nature)) return OtherNature(name, here, nature);
  return MakeNow(name, maps, options).error;
}

}  // namespace rocksdb_live
