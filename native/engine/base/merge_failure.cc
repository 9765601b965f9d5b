#include "engine/base/merge_failure.h"

#include <algorithm>
#include <cstddef>

#include "engine/base/text.h"

namespace rocksdb_live {
namespace {

constexpr size_t kShownBytes = 64;

// Of a fixed size: what a thread has must need no destructor.
struct Noted {
  MergeFailure why;
  bool cut;
  size_t length;
  char key[kShownBytes];
};

thread_local Noted last{};

}  // namespace

void NoteMergeFailure(MergeFailure why, const rocksdb::Slice& key) {
  last.why = why;
  last.cut = key.size() > kShownBytes;
  last.length = std::min(key.size(), kShownBytes);
  std::copy_n(key.data(), last.length, last.key);
}

FailedMerge LastFailedMerge() {
  const std::string key = EscapeForMessage({last.key, last.length});
  return {last.why, "\"" + key + (last.cut ? "..." : "") + "\""};
}

}  // namespace rocksdb_live
