#include "engine/files/links.h"

#include <string>
#include <utility>

namespace rocksdb_live {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class LinkingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit LinkingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target)
      : FileSystemWrapper(target) {}

  const char* Name() const override { return "LinkingFileSystem"; }

  IOStatus LinkFile(const std::string& source, const std::string& target, const IOOptions& options,
                    IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::LinkFile(source, target, options, debug);
    // With a full disk or a missing file, a copy would fail as well, and later.
    const bool other = !status.IsIOError() || status.IsPathNotFound() || status.IsNoSpace();
    return other ? status : IOStatus::NotSupported("no link to " + source, status.ToString());
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> LinksOrCopies(
    const std::shared_ptr<rocksdb::FileSystem>& target) {
  return std::make_shared<LinkingFileSystem>(target);
}

}  // namespace rocksdb_live
