// A session and the replica that its database belongs to.
#include "engine/store/session.h"

namespace rocksdb_live {

Replica* Session::FindReplica(Error* error) const {
  if (owner_) return store_->replica();
  *error = Error(Code::kNotSupported, "it was not opened as a replica's node");
  return nullptr;
}

Error Session::NoneAtOnce() {
  return Error(Code::kNotSupported,
               "synchronous writes would block the thread that puts them into the replica's log: "
               "use the form that returns a promise",
               Outcome::kNotApplied);
}

}  // namespace rocksdb_live
