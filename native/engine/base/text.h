// Bytes that may be text.
#pragma once

#include <string>
#include <string_view>

namespace rocksdb_live {

// Whether it is well-formed UTF-8: no surrogates, nothing over-long, nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes);

// Whether it is UTF-8 without control characters, but for line ends and tabs.
bool IsText(std::string_view bytes);

// The bytes, where they are not text as `\xff`.
std::string EscapeForMessage(std::string_view bytes);

}  // namespace rocksdb_live
