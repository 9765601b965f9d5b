// What a repair searches rows and batches for.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// Adds the families that have rows in a batch of the WAL.
void CollectFamilies(const std::string& batch, std::set<uint32_t>* families);

// Names of the families in OPTIONS, in its order, that are not in `known`.
std::vector<std::string> MissingNames(const RepairPlan& plan, const std::set<std::string>& known);

// The tables that stay, with their families: those of the MANIFEST except the lost ones, and the
// added ones.
std::vector<std::pair<uint64_t, uint32_t>> StayingTables(const RepairPlan& plan);

// The blob files that values in tables refer to, with their use. Reads all tables.
std::map<uint64_t, BlobUse> ReferredBlobs(const RepairPlan& plan);

// Keys, by family, with at least one version whose value is in a damaged part of a blob file.
std::set<std::pair<uint32_t, std::string>> KeysOfLostBlobs(const RepairPlan& plan);

}  // namespace rocksdb_live
