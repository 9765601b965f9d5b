// Takes over from a database's OPTIONS file which families expire, and refuses contradictions: with
// them, envelopes would be taken for values, or values for envelopes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/directory/survey.h"
#include "engine/options/expiry_filter.h"
#include "engine/options/open_request.h"

namespace rocksdb_live {

// The filters of the families that expire, by name.
using ExpiryFactories = std::map<std::string, std::shared_ptr<rocksdb::CompactionFilterFactory>>;

// The filters that OPTIONS, or without it a table, records for the families of `survey`, with the
// times that `request` names instead, if it does. Fails with kOptionsMismatch if `request` wants
// the contrary.
Error AdoptExpiry(const Survey& survey, const OpenRequest& request, ExpiryFactories* adopted);

// The filter that the tables of a family are marked with, by the names of the MANIFEST; empty if
// they have none, nothing if there is no table that can be read.
std::optional<std::string> ExpiryInTables(const std::string& directory, const Manifest& manifest,
                                          uint32_t family);

// Puts filters of `before` in place of equal ones, so that their counts go on.
void KeepEqual(const ExpiryFactories& before, ExpiryFactories* now);

// Adds the filter of such a text. Fails with kCorruption if it is none.
Error AdoptExpiryOf(const std::string& family, const std::string& text, ExpiryFactories* adopted);

// Whether a `compaction_filter_factory` option that was asked for is what an open family has; null
// means that its rows do not expire. An option that is not there asks for nothing.
bool IsSameExpiry(const OptionMap& asked, const Expiry* open);

}  // namespace rocksdb_live
