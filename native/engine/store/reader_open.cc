// How a reader's store is opened, and how a secondary's catches up.
#include <set>

#include "engine/readers/reader.h"
#include "engine/store/store.h"

namespace rocksdb_live {

namespace {

void AddPaths(const std::vector<rocksdb::DbPath>& paths, std::set<std::string>* directories) {
  for (const rocksdb::DbPath& path : paths) directories->insert(path.path);
}

}  // namespace

// Takes over again what OPTIONS says of families, if it was written since: the writer may have made
// or dropped some. RocksDB writes it after MANIFEST has the family, and before anybody can use
// that.
Error Store::LookAgain(const std::vector<std::string>& names) {
  if (request_.in_memory) return Error();
  bool described = true;
  for (const std::string& name : names) described = described && described_.count(name) != 0;
  Result<Survey> survey = LookAt(request_.path, false);
  if (!survey.ok()) return survey.error;
  const auto& files = survey.value.options_files;
  if (described && (files.empty() || *files.rbegin() == options_number_)) return Error();
  survey = LookAt(request_.path, true);
  if (!survey.ok()) return survey.error;
  if (survey.value.options.name.empty()) return Error();
  Operators operators;
  ExpiryFactories expiry;
  Error error = AdoptOperators(survey.value, request_, &operators);
  if (error.ok()) error = AdoptExpiry(survey.value, request_, &expiry);
  if (!error.ok()) return error;
  KeepEqual(adopted_expiry_, &expiry);
  adopted_ = std::move(operators);
  adopted_expiry_ = std::move(expiry);
  NoteDescribed(survey.value);
  return Error();
}

void Store::NoteDescribed(const Survey& survey) {
  described_.clear();
  for (const auto& [name, map] : survey.options.families) described_.insert(name);
  options_number_ = survey.options_files.empty() ? 0 : *survey.options_files.rbegin();
}

// Lists the families on the disk. The first time, every family that the request names must exist;
// the writer may drop some later.
Error Store::DescribeReader(const rocksdb::DBOptions& options,
                            std::vector<rocksdb::ColumnFamilyDescriptor>* families) {
  std::vector<std::string> names;
  Error error = Error::From(rocksdb::DB::ListColumnFamilies(options, request_.path, &names));
  if (!error.ok()) return error;
  const std::set<std::string> there(names.begin(), names.end());
  for (const FamilyRequest& family : request_.families) {
    if (!view() && there.count(family.name) == 0) {
      return Error(Code::kInvalidArgument, "column family \"" + family.name + "\" is not there");
    }
  }
  error = LookAgain(names);
  if (!error.ok()) return error;
  awaits_options_ = false;
  for (const std::string& name : there) {
    if (view() && options_number_ != 0 && described_.count(name) == 0) {
      awaits_options_ = true;  // nothing is in it yet; it is not known what its values will be
      continue;
    }
    rocksdb::ColumnFamilyOptions family_options;
    error = BuildFamily(name, OptionsOf(name), options, &family_options);
    if (!error.ok()) return error;
    families->emplace_back(name, family_options);
  }
  return Error();
}

Error Store::OpenReader(const rocksdb::DBOptions& options) {
  std::set<std::string> directories{request_.path};
  AddPaths(options.db_paths, &directories);
  std::vector<FamilyOptionMaps> maps{request_.defaults};
  for (const FamilyRequest& family : request_.families) maps.push_back(family.options);
  for (const FamilyOptionMaps& map : maps) {
    rocksdb::ColumnFamilyOptions family;
    Error error = builder_.BuildFamily("", map, options, &family);
    if (!error.ok()) continue;  // reported with the family's name if that is known
    AddPaths(family.cf_paths, &directories);
  }
  reader_ = std::make_unique<Reader>(
      request_.path, options, std::vector<std::string>(directories.begin(), directories.end()),
      [this](const rocksdb::DBOptions& each, Reader::Descriptors* families) {
        return DescribeReader(each, families);
      },
      NowaitFiles(rocksdb::FileSystem::Default()),
      // Other programs may have written values with columns.
      !ours_);
  return FollowOnce();
}

Error Store::FollowOnce() {
  std::lock_guard<std::mutex> one_at_a_time(join_mutex_);
  const std::shared_ptr<const ReaderView> current = view();
  Result<std::shared_ptr<const ReaderView>> opened =
      reader_->Open(awaits_options_ ? nullptr : current);
  if (!opened.ok()) return opened.error;
  if (opened.value == current) return Error();
  {
    std::unique_lock<std::shared_mutex> lock(families_mutex_);
    view_ = opened.value;
    families_ = view_->families;
  }
  if (request_.mode == Mode::kSecondary) changes_.Follow(request_.path, opened.value);
  return Error();
}

Result<HeldState> Store::HoldState() {
  std::lock_guard<std::mutex> one_at_a_time(join_mutex_);
  HeldState state;
  Result<std::shared_ptr<const ReaderView>> opened = reader_->Open(nullptr, &state.files);
  if (!opened.ok()) return opened.error;
  state.view = std::move(opened.value);
  std::set<std::string> held;
  for (const auto& [path, file] : state.files) held.insert(path.substr(path.rfind('/') + 1));
  bool whole = true;
  for (const std::string& name : LiveFiles(state.view->db())) {
    if (!NumberOf(name, ".sst") && !NumberOf(name, ".ldb") && !NumberOf(name, ".blob")) continue;
    state.tables.insert(name);
    whole = whole && held.count(name) != 0;
  }
  if (whole) return state;
  return Error(Code::kBusy,
               "the process may have too few descriptors (ulimit -n) to hold all of its " +
                   std::to_string(state.tables.size()) +
                   " files, and the writer may delete one before it is read");
}

std::shared_ptr<const ReaderView> Store::view() const {
  std::shared_lock<std::shared_mutex> lock(families_mutex_);
  return view_;
}

Result<std::shared_ptr<const ReaderView>> Store::CatchUp() {
  Error error = FollowOnce();
  if (!error.ok()) return error;
  return view();
}

}  // namespace rocksdb_live
