// Replaces the functions that RocksDB's core calls in two utilities that the npm package omits
// (cmake/rocksdb.cmake): the snapshot checker, without write-prepared transactions, which nothing
// here opens, and an index that is not on offer.

#include <string>

#include "db/snapshot_checker.h"
#include "rocksdb/utilities/object_registry.h"

namespace ROCKSDB_NAMESPACE {

DisableGCSnapshotChecker* DisableGCSnapshotChecker::Instance() {
  static auto* const instance = new DisableGCSnapshotChecker();
  return instance;
}

bool DataIsDefinitelyInSnapshot(SequenceNumber number, SequenceNumber snapshot,
                                const SnapshotChecker* checker) {
  if (number > snapshot) return false;
  return checker == nullptr ||
         checker->CheckInSnapshot(number, snapshot) == SnapshotCheckerResult::kInSnapshot;
}

bool DataIsDefinitelyNotInSnapshot(SequenceNumber number, SequenceNumber snapshot,
                                   const SnapshotChecker* checker) {
  if (number > snapshot) return true;
  return checker != nullptr &&
         checker->CheckInSnapshot(number, snapshot) == SnapshotCheckerResult::kNotInSnapshot;
}

namespace trie_index {

int RegisterBuiltinTrieIndexFactory(ObjectLibrary& library, const std::string& arg);

int RegisterBuiltinTrieIndexFactory(ObjectLibrary&, const std::string&) { return 0; }

}  // namespace trie_index
}  // namespace ROCKSDB_NAMESPACE
