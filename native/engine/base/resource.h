// What a session can have open until somebody ends it or the session closes.
//
// The class of a resource names its kind (`kKind`) and the messages for calls after it has ended
// (`kClosed`) and while a job uses it (`kBusy`). A new kind needs a class and a line here;
// store/resource_table.h does the rest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rocksdb_live {

// In the order in which closing ends them.
enum class ResourceKind : uint8_t {
  kTransaction,
  kFeed,
  kCapture,
  kCursor,
  kSnapshot,
  kEnd,  // number of kinds
};

constexpr auto kResourceKinds = static_cast<size_t>(ResourceKind::kEnd);

}  // namespace rocksdb_live
