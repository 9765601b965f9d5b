// Bytes that may be text.
#pragma once

#include <string>
#include <string_view>

namespace rocksdb_live {

// Whether it is well-formed UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes);

// Whether it is UTF-8 without control characters except line ends and tabs.
bool IsText(std::string_view bytes);

// Shows the bytes; those that are not text appear as `\xff`.
std::string EscapeForMessage(std::string_view bytes);

}  // namespace rocksdb_live
