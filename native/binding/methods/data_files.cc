// The files that hold the rows of a database.
#include "engine/jobs/data_files.h"

#include <limits>
#include <map>

#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

// Each distinct text once, since thousands of files share few.
class Texts {
 public:
  double Add(const std::string& text) {
    const auto [found, is_new] = places_.emplace(text, texts.size());
    if (is_new) texts.push_back(text);
    return static_cast<double>(found->second);
  }

  std::vector<std::string> texts;

 private:
  std::map<std::string, size_t> places_;
};

// As `DATA_FILE` in lib/native/files.ts reads it: what is unknown is not a number.
void AddNumbers(const DataFile& file, Texts* texts, std::vector<double>* numbers) {
  const auto add = [&](auto number) { numbers->push_back(static_cast<double>(number)); };
  const auto known = [&](bool is_known, uint64_t number) {
    add(is_known ? static_cast<double>(number) : std::numeric_limits<double>::quiet_NaN());
  };
  const bool has = file.contents.has_value();
  const TableContents contents = file.contents.value_or(TableContents());
  add(file.level);
  add(file.family);
  add(texts->Add(file.name));
  add(texts->Add(file.directory));
  add(file.bytes);
  add(file.smallest_key.size());
  add(file.largest_key.size());
  known(has, contents.entries);
  known(has, contents.deletions);
  known(has, contents.range_deletions);
  known(has, has ? static_cast<uint64_t>(texts->Add(contents.compression)) : 0);
  // In halves, which a number can hold.
  add(file.smallest_sequence >> 32);
  add(file.smallest_sequence & 0xFFFFFFFF);
  add(file.largest_sequence >> 32);
  add(file.largest_sequence & 0xFFFFFFFF);
  known(file.created_at != 0, file.created_at);
  known(file.oldest_ancestor_at != 0, file.oldest_ancestor_at);
  add(file.being_compacted ? 1 : 0);
  add(file.reads);
  add(texts->Add(file.temperature));
  add(file.garbage_bytes);
  add(file.blobs);
  add(file.garbage_blobs);
}

struct Listed {
  std::vector<std::string> families;
  std::vector<DataFile> files;
};

napi_value ListedToJs(napi_env env, Listed* listed) {
  Texts texts;
  std::vector<double> numbers;
  std::string keys;
  for (const DataFile& file : listed->files) {
    AddNumbers(file, &texts, &numbers);
    keys += file.smallest_key;
    keys += file.largest_key;
  }
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  const auto set = [&](const char* name, napi_value value) {
    Check(napi_set_named_property(env, object, name, value));
  };
  const auto* const bytes = reinterpret_cast<const char*>(numbers.data());
  set("families", StringsToJs(env, listed->families));
  set("texts", StringsToJs(env, texts.texts));
  set("numbers", MakeBuffer(env, bytes, numbers.size() * sizeof(double)));
  set("keys", MakeBuffer(env, keys.data(), keys.size()));
  return object;
}

napi_value DataFiles(Call& call) {
  SessionHandle& self = call.Self();
  std::vector<std::shared_ptr<Family>> families = self.session->AllFamilies();
  const Napi::Value only(call.env, call[1]);
  if (!only.IsUndefined()) families = {self.FindFamily(call.Uint32(1))};
  auto work = [families = std::move(families),
               canceled = self.session->canceled()]() -> Result<Listed> {
    Result<std::vector<DataFile>> files = ListDataFiles(families, *canceled);
    if (!files.ok()) return files.error;
    Listed listed;
    for (const auto& family : families) listed.families.push_back(family->name());
    listed.files = std::move(files.value);
    return listed;
  };
  RunLong<Listed>(self, call.Uint32(0), std::move(work), ListedToJs);
  return nullptr;
}

napi_value CheckFile(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [family = self.FindFamily(call.Uint32(1)), path = call.String(2),
                     is_blob = call.Bool(3)]() -> Result<Nothing> {
    return CheckDataFile(*family, path, is_blob);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

}  // namespace

const std::vector<Method>& DataFileMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"dataFiles", Entry<DataFiles>},
      {"checkDataFile", Entry<CheckFile>},
  };
  return *methods;
}

}  // namespace rocksdb_live
