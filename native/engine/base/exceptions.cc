#include "engine/base/exceptions.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace rocksdb_live {

Error CaughtError() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Error(Code::kBusy, "there was not enough memory");
  } catch (const std::length_error& error) {
    return Error(Code::kBusy,
                 std::string("more memory was asked for than there can be (") + error.what() + ")");
  } catch (const std::system_error& error) {
    return Error(Code::kBusy, std::string("a thread could not be started, or the system refused "
                                          "something else (") +
                                  error.what() + ")");
  } catch (const std::exception& error) {
    return Error(Code::kAborted,
                 std::string("RocksDB was left by an exception (") + error.what() + ")");
  } catch (...) {
    return Error(Code::kAborted, "RocksDB was left by an exception that says nothing");
  }
}

}  // namespace rocksdb_live
