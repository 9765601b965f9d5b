// Commits, and deletions of ranges.
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

napi_value Commit(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const bool done =
      ValueOf(self.session->Commit(BatchOf(call, 1), call.Uint32(3), call.Uint32(0), lane));
  if (!done) lane->Expect(1);
  return call.Boolean(done);
}

napi_value CommitSync(Call& call) {
  SessionHandle& self = call.Self();
  ThrowIf(self.session->CommitNow(BatchOf(call, 0), call.Uint32(2)));
  return nullptr;
}

napi_value Clear(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  ThrowIf(self.session->Clear(ScanOf(self), Telling(lane, call.Uint32(0))));
  lane->Expect(1);
  return nullptr;
}

}  // namespace

const std::vector<Method>& WriteMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"commit", Entry<Commit>},
      {"commitSync", Entry<CommitSync>},
      {"clear", Entry<Clear>},
  };
  return *methods;
}

}  // namespace rocksdb_live
