// Commits, and the deletion of ranges.
#include <utility>

#include "binding/plumbing/async.h"
#include "binding/plumbing/request.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

std::string_view Batch(const Call& call, size_t index) {
  const Bytes bytes = call.Buffer(index);
  const size_t size = call.Uint32(index + 1);
  if (size > bytes.size || size < kBatchHeader) throw BadArgument{"the batch is cut short"};
  return {bytes.data, size};
}

napi_value Commit(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane>& lane = self.environment->lane;
  const bool done =
      ValueOf(self.session->Commit(Batch(call, 1), call.Uint32(3), call.Uint32(0), lane));
  if (!done) lane->Expect(1);
  return call.Boolean(done);
}

napi_value CommitSync(Call& call) {
  SessionHandle& self = call.Self();
  ThrowIf(self.session->CommitNow(Batch(call, 0), call.Uint32(2)));
  return nullptr;
}

napi_value Clear(Call& call) {
  SessionHandle& self = call.Self();
  const std::shared_ptr<Lane> lane = self.environment->lane;
  const auto done = [lane, id = call.Uint32(0)](const Error& error) {
    Result<Nothing> result = error.ok() ? Result<Nothing>(Nothing{}) : Result<Nothing>(error);
    lane->Post(std::make_unique<JobDone<Nothing, decltype(&NothingToJs)>>(id, std::move(result),
                                                                          &NothingToJs));
  };
  ThrowIf(self.session->Clear(ScanOf(self), done));
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
