#include "engine/directory/adopt.h"

#include "engine/base/merge_rules.h"
#include "rocksdb/convenience.h"

namespace rocksdb_live {
namespace {

using rocksdb::MergeOperator;

rocksdb::ConfigOptions Config(bool escaped) {
  OfferOperators();
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;  // otherwise an unknown operator would become none
  config.input_strings_escaped = escaped;     // as in an OPTIONS file
  return config;
}

const OptionMap& AskedFor(const OpenRequest& request, const std::string& name) {
  for (const FamilyRequest& family : request.families) {
    if (family.name == name) return family.options.column_family;
  }
  return request.defaults.column_family;
}

Error Unknown(const Survey& survey, const std::string& family, const std::string& recorded) {
  return Error(Code::kNotSupported,
               "column family \"" + family + "\" was written with the merge operator " + recorded +
                   " (" + survey.options.name +
                   "), which this build does not have: its operands cannot be merged here. Open it "
                   "with the program that wrote it");
}

Error Another(const Survey& survey, const std::string& family, const MergeOperator& recorded,
              const std::string& asked) {
  return Error(Code::kOptionsMismatch,
               "column family \"" + family + "\" was written with the merge operator " +
                   recorded.Name() + " (" + survey.options.name + "), asked for " + asked +
                   ", which would merge its operands otherwise. Say mergeOperator: '" +
                   PublicName(recorded) +
                   "', or none to take over the recorded one; another operator needs another "
                   "family");
}

}  // namespace

bool IsSameOperator(const std::string& asked, const MergeOperator& adopted) {
  if (asked.empty() || adopted.IsInstanceOf(asked)) return true;
  std::shared_ptr<MergeOperator> created;
  if (!MergeOperator::CreateFromString(Config(false), asked, &created).ok() || !created) {
    return false;
  }
  const rocksdb::ConfigOptions config;
  return created->ToString(config) == adopted.ToString(config);
}

Error AdoptOperator(const std::string& family, const std::string& merge_operator,
                    Operators* adopted) {
  std::shared_ptr<MergeOperator> created;
  if (!MergeOperator::CreateFromString(Config(false), merge_operator, &created).ok() || !created) {
    return Error(Code::kNotSupported, "column family \"" + family + "\" needs the merge operator " +
                                          merge_operator + ", which this build does not have");
  }
  (*adopted)[family] = created;
  return Error();
}

Error AdoptOperators(const Survey& survey, const OpenRequest& request, Operators* adopted) {
  for (const auto& [id, family] : survey.manifest.families) {
    const std::string recorded = survey.options.OfFamily(family.name, "merge_operator");
    if (recorded.empty()) continue;
    std::shared_ptr<MergeOperator> created;
    if (!MergeOperator::CreateFromString(Config(true), recorded, &created).ok() || !created) {
      return Unknown(survey, family.name, recorded);
    }
    const std::string asked = OptionsFile::Find(AskedFor(request, family.name), "merge_operator");
    if (!IsSameOperator(asked, *created)) return Another(survey, family.name, *created, asked);
    (*adopted)[family.name] = created;
  }
  return Error();
}

}  // namespace rocksdb_live
