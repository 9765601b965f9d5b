#include "engine/directory/adopt_expiry.h"

#include "engine/files/file_names.h"
#include "engine/files/small_files.h"
#include "engine/options/expiry_mark.h"
#include "rocksdb/convenience.h"

namespace rocksdb_live {
namespace {

using rocksdb::CompactionFilterFactory;

constexpr char kOption[] = "compaction_filter_factory";

const OptionMap& AskedFor(const OpenRequest& request, const std::string& name) {
  for (const FamilyRequest& family : request.families) {
    if (family.name == name) return family.options.column_family;
  }
  return request.defaults.column_family;
}

std::shared_ptr<CompactionFilterFactory> Make(const std::string& text, bool escaped) {
  return text.empty() ? nullptr : MakeExpiryFactory(text, escaped);
}

std::string SourceOf(const Survey& survey) {
  return survey.options.name.empty() ? "its tables" : survey.options.name;
}

Error Expires(const Survey& survey, const std::string& family) {
  return Error(Code::kOptionsMismatch,
               "column family \"" + family + "\" has rows that expire (" + SourceOf(survey) +
                   "), and was asked for without: each value would begin with 8 bytes that are its "
                   "time. Say expires: true, or nothing to take it over; rows that do not expire "
                   "need another family");
}

Error DoesNotExpire(const Survey& survey, const std::string& family) {
  return Error(Code::kOptionsMismatch,
               "column family \"" + family + "\" has rows that do not expire (" + SourceOf(survey) +
                   "), and was asked for with expires: the first 8 bytes of each value would be "
                   "taken for its time. Leave out expires; rows that expire need another family");
}

}  // namespace

Error AdoptExpiry(const Survey& survey, const OpenRequest& request, ExpiryFactories* adopted) {
  for (const auto& [id, family] : survey.manifest.families) {
    std::string text = survey.options.OfFamily(family.name, kOption);
    const bool in_options = survey.options.families.count(family.name) != 0;
    if (!in_options) {
      // Never written to, as RocksDB records a family before it is used; or OPTIONS is lost.
      const auto marked = ExpiryInTables(survey.path, survey.manifest, id);
      if (!marked) continue;
      text = *marked;
    }
    const OptionMap& map = AskedFor(request, family.name);
    const auto recorded = Make(text, in_options);
    const auto asked = Make(OptionsFile::Find(map, kOption), false);
    if (recorded && map.count(kOption) != 0 && !asked) return Expires(survey, family.name);
    if (!recorded && asked) return DoesNotExpire(survey, family.name);
    if (recorded) (*adopted)[family.name] = asked ? asked : recorded;
  }
  return Error();
}

std::optional<std::string> ExpiryInTables(const std::string& directory, const Manifest& manifest,
                                          uint32_t family) {
  for (const auto& [number, table] : manifest.tables) {
    if (table.family != family || table.path_id != 0) continue;
    auto mark = MarkOf(Under(directory, NumberedName(number, ".sst")));
    if (mark) return mark;
  }
  return std::nullopt;
}

Error AdoptExpiryOf(const std::string& family, const std::string& text, ExpiryFactories* adopted) {
  auto made = Make(text, false);
  if (!made) {
    return Error(Code::kCorruption,
                 "column family \"" + family + "\" expires by " + text + ", which cannot be read");
  }
  (*adopted)[family] = std::move(made);
  return Error();
}

void KeepEqual(const ExpiryFactories& before, ExpiryFactories* now) {
  const rocksdb::ConfigOptions config;
  for (auto& [name, factory] : *now) {
    const auto old = before.find(name);
    if (old != before.end() && old->second->ToString(config) == factory->ToString(config)) {
      factory = old->second;
    }
  }
}

bool IsSameExpiry(const OptionMap& asked, const Expiry* open) {
  const auto found = asked.find(kOption);
  if (found == asked.end()) return true;
  const std::string text = OptionsFile::Find(asked, kOption);
  const auto made = Make(text, false);
  if (!text.empty() && !made) return false;
  if (!made || open == nullptr) return !made && open == nullptr;
  rocksdb::ColumnFamilyOptions options;
  options.compaction_filter_factory = made;
  const std::shared_ptr<const Expiry> of_asked = ExpiryIn(options);
  return of_asked->grace_ms == open->grace_ms && of_asked->after_ms == open->after_ms;
}

}  // namespace rocksdb_live
