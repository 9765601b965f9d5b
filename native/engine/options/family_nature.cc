#include "engine/options/family_nature.h"

#include "engine/base/fallback_merge.h"
#include "engine/base/merge_rules.h"
#include "engine/options/expiry_filter.h"

namespace rocksdb_live {

std::string NatureOf(const Family& family) {
  if (family.expiry() != nullptr) return TextOf(*family.expiry());
  return family.has_merge_operator() ? PublicName(*family.merge_operator()) : "";
}

std::string NatureOf(const rocksdb::ColumnFamilyOptions& options) {
  const std::shared_ptr<const Expiry> expiry = ExpiryIn(options);
  if (expiry) return TextOf(*expiry);
  const rocksdb::MergeOperator* const made = options.merge_operator.get();
  return made == nullptr || IsFallbackMerge(made) ? "" : PublicName(*made);
}

bool Expires(const std::string& nature) {
  return nature.rfind("{id=" + std::string(kExpiresId), 0) == 0;
}

bool IsSameNature(const std::string& one, const std::string& other) {
  return one == other || (Expires(one) && Expires(other));
}

std::string DescribeNature(const std::string& nature) {
  if (nature.empty()) return "neither a merge operator nor rows that expire";
  return Expires(nature) ? "rows that expire" : "the merge operator " + nature;
}

}  // namespace rocksdb_live
