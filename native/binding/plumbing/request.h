// The shared record of a call's parameters, which lib/ fills just before the call. Only this file
// knows its slots (RequestSlot in lib/native/cursors.ts) and checks their values.
#pragma once

#include <cstdint>
#include <string_view>

#include "binding/plumbing/session_object.h"
#include "engine/store/requests.h"

namespace rocksdb_live {

constexpr size_t kRequestSlots = 9;

// Bounds are in the key buffer. Each function throws if a slot has an impossible value.
Range RangeOf(const SessionHandle& self);
uint32_t FamilyNumberOf(const SessionHandle& self);
std::shared_ptr<Family> FamilyOf(const SessionHandle& self);
ScanRequest ScanOf(const SessionHandle& self);
ManyRequest ManyOf(const SessionHandle& self);
// A batch in wire format: the argument at `index`; its length is the next argument.
std::string_view BatchOf(const Call& call, size_t index);
// The length of the packed keys, which is at most `size`.
size_t KeysSizeOf(const SessionHandle& self, size_t size);

}  // namespace rocksdb_live
