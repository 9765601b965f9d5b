// Column families at run time.
#include <optional>

#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

napi_value Families(Call& call) {
  const auto families = call.Self().session->AllFamilies();
  napi_value array = nullptr;
  Check(napi_create_array_with_length(call.env, families.size(), &array));
  for (size_t i = 0; i < families.size(); ++i) {
    napi_value row = nullptr;
    const Expiry* const expiry = families[i]->expiry();
    const double after_ms = expiry == nullptr ? -1 : static_cast<double>(expiry->after_ms);
    Check(napi_create_array_with_length(call.env, 3, &row));
    Check(napi_set_element(call.env, row, 0, MakeString(call.env, families[i]->name())));
    Check(napi_set_element(call.env, row, 1, call.Number(families[i]->id())));
    Check(napi_set_element(call.env, row, 2, call.Number(after_ms)));
    Check(napi_set_element(call.env, array, static_cast<uint32_t>(i), row));
  }
  return array;
}

napi_value CreateFamily(Call& call) {
  SessionHandle& self = call.Self();
  std::optional<FamilyOptionMaps> options;
  const Napi::Value given(call.env, call[2]);
  if (!given.IsUndefined()) options = ToFamilyOptions(given);
  const auto work = [store = &self.session->store(), name = call.String(1), options]() {
    return store->CreateFamily(name, options ? &*options : nullptr);
  };
  const auto to_js = [](napi_env env, uint32_t* id) { return MakeNumber(env, *id); };
  RunLong<uint32_t>(self, call.Uint32(0), work, to_js);
  return nullptr;
}

napi_value DropFamily(Call& call) {
  SessionHandle& self = call.Self();
  // Holds the family until the drop is done, so that its files are deleted on that thread.
  const auto work = [store = &self.session->store(),
                     family = self.FindFamily(call.Uint32(1))]() -> Result<Nothing> {
    return store->DropFamily(family->id());
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

}  // namespace

const std::vector<Method>& FamilyMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"families", Entry<Families>},
      {"createFamily", Entry<CreateFamily>},
      {"dropFamily", Entry<DropFamily>},
  };
  return *methods;
}

}  // namespace rocksdb_live
