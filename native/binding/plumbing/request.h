// The shared record of what a call is asked for, which lib/ fills just before: the one place that
// knows its slots (RequestSlot of lib/native/cursors.ts) and checks what stands in them.
#pragma once

#include <cstdint>
#include <string_view>

#include "binding/plumbing/session_object.h"
#include "engine/store/requests.h"

namespace rocksdb_live {

constexpr size_t kRequestSlots = 9;

// Bounds are in the key buffer. Each throws where a slot holds what it cannot.
Range RangeOf(const SessionHandle& self);
uint32_t FamilyNumberOf(const SessionHandle& self);
std::shared_ptr<Family> FamilyOf(const SessionHandle& self);
ScanRequest ScanOf(const SessionHandle& self);
ManyRequest ManyOf(const SessionHandle& self);
// A batch in wire format: the argument at `index`, and its length behind that.
std::string_view BatchOf(const Call& call, size_t index);
// The bytes of the packed keys, of which there are `size` at most.
size_t KeysSizeOf(const SessionHandle& self, size_t size);

}  // namespace rocksdb_live
