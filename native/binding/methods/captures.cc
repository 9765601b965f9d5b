// The files of one moment, by the number of their capture.
#include "binding/plumbing/async.h"
#include "binding/plumbing/session_object.h"
#include "engine/jobs/file_capture.h"

namespace rocksdb_live {
namespace {

const char* NameOf(CapturedFile::Kind kind) {
  switch (kind) {
    case CapturedFile::Kind::kTable:
      return "table";
    case CapturedFile::Kind::kBlob:
      return "blob";
    case CapturedFile::Kind::kWal:
      return "wal";
    case CapturedFile::Kind::kOther:
      break;
  }
  return "other";
}

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

napi_value FileToJs(napi_env env, const CapturedFile& file) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  Set(env, object, "name", MakeString(env, file.name));
  Set(env, object, "kind", MakeString(env, NameOf(file.kind)));
  Set(env, object, "size", MakeNumber(env, static_cast<double>(file.size)));
  Set(env, object, "identity", MakeString(env, file.identity));
  return object;
}

// Nothing if the session was closed meanwhile.
napi_value CaptureToJs(napi_env env, std::shared_ptr<FileCapture> capture, Session& session) {
  napi_value object = nullptr;
  napi_value files = nullptr;
  napi_value sequence = nullptr;
  if (!capture) return Undefined(env);
  Check(napi_create_object(env, &object));
  Check(napi_create_array_with_length(env, capture->files.size(), &files));
  for (size_t i = 0; i < capture->files.size(); ++i) {
    Check(napi_set_element(env, files, static_cast<uint32_t>(i), FileToJs(env, capture->files[i])));
  }
  Check(napi_create_bigint_uint64(env, capture->moment.sequence, &sequence));
  Set(env, object, "files", files);
  Set(env, object, "sequence", sequence);
  Set(env, object, "epoch", MakeString(env, capture->moment.epoch));
  Set(env, object, "token", MakeString(env, capture->moment.token));
  Set(env, object, "database", MakeString(env, capture->database));
  Set(env, object, "lockedMs", MakeNumber(env, capture->locked_ms));
  Set(env, object, "capture", MakeNumber(env, session.resources().Add(std::move(capture))));
  return object;
}

napi_value OpenCapture(Call& call) {
  SessionHandle& self = call.Self();
  const uint32_t operation = call.Uint32(0);
  const auto work = [session = self.session, operation]() -> Result<Nothing> {
    Result<std::shared_ptr<FileCapture>> captured = CaptureFiles(&session->store());
    if (!captured.ok()) return captured.error;
    session->Keep(operation, std::move(captured.value));
    return Nothing{};
  };
  const auto to_js = [session = self.session, operation](napi_env env, Nothing*) {
    return CaptureToJs(env, session->open() ? session->TakeKept<FileCapture>(operation) : nullptr,
                       *session);
  };
  RunLong<Nothing>(self, operation, work, to_js);
  return nullptr;
}

napi_value BytesToJs(napi_env env, std::string* bytes) {
  return MakeBuffer(env, bytes->data(), bytes->size());
}

napi_value ReadCapture(Call& call) {
  SessionHandle& self = call.Self();
  Error error;
  const auto capture = self.session->resources().Find<FileCapture>(call.Uint32(1), &error);
  if (!capture) ThrowIf(error);
  const auto index = static_cast<size_t>(call.Uint32(2));
  const double offset = call.Double(3);
  if (!(offset >= 0 && offset <= 9007199254740992)) throw BadArgument{"offset is out of range"};
  const auto work = [capture = capture, index, offset, length = call.Uint32(4)]() mutable {
    Result<std::string> read = capture->Read(index, static_cast<uint64_t>(offset), length);
    capture.reset();
    return read;
  };
  RunShort<std::string>(self, call.Uint32(0), work, BytesToJs);
  return nullptr;
}

// Files that were kept are deleted then, which may take long.
napi_value EndCapture(Call& call) {
  SessionHandle& self = call.Self();
  Error error;
  auto capture = self.session->resources().Find<FileCapture>(call.Uint32(1), &error);
  if (!capture) ThrowIf(error);
  self.session->resources().End(call.Uint32(1));
  auto work = [capture = std::move(capture)]() mutable -> Result<Nothing> {
    capture.reset();
    return Nothing{};
  };
  RunShort<Nothing>(self, call.Uint32(0), std::move(work), NothingToJs);
  return nullptr;
}

napi_value Identity(Call& call) {
  const SessionHandle& self = call.Self();
  return MakeString(call.env, ValueOf(IdentityOf(*self.session)));
}

}  // namespace

const std::vector<Method>& CaptureMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"openCapture", Entry<OpenCapture>},
      {"readCapture", Entry<ReadCapture>},
      {"endCapture", Entry<EndCapture>},
      {"identity", Entry<Identity>},
  };
  return *methods;
}

}  // namespace rocksdb_live
