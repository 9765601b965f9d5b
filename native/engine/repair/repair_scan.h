// What a repair has to look for in rows and batches.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/repair/repair_plan.h"

namespace rocksdb_live {

// Adds the families that a batch of the WAL has rows of.
void CollectFamilies(const std::string& batch, std::set<uint32_t>* families);

// Families that OPTIONS has, in its order, and `known` has not.
std::vector<std::string> MissingNames(const RepairPlan& plan, const std::set<std::string>& known);

// The tables that stay, with their families: those of the MANIFEST without the lost ones, and those
// that are added.
std::vector<std::pair<uint64_t, uint32_t>> StayingTables(const RepairPlan& plan);

// Blob files that a value of any of the tables is in, and how many are. Reads all of them.
std::map<uint64_t, BlobUse> ReferredBlobs(const RepairPlan& plan);

// Keys by family of which some version has its value in a damaged part of a blob file.
std::set<std::pair<uint32_t, std::string>> KeysOfLostBlobs(const RepairPlan& plan);

}  // namespace rocksdb_live
