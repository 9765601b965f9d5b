// What a session can have open until somebody ends it or the session closes.
//
// A class of such things says which kind it is (`kKind`), and in which words a caller is refused
// where it has ended (`kClosed`) or a job has it (`kBusy`). A new kind is a class and a line here;
// store/resource_table.h does the rest.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rocksdb_live {

// In the order in which closing ends them.
enum class ResourceKind : uint8_t {
  kTransaction,
  kCursor,
  kSnapshot,
  kEnd,  // how many there are
};

constexpr auto kResourceKinds = static_cast<size_t>(ResourceKind::kEnd);

}  // namespace rocksdb_live
