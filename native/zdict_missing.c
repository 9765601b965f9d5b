// The npm package our zstd comes from omits dictBuilder. RocksDB calls these functions only to
// train dictionaries; they return zstd's own error code, which RocksDB treats as "no dictionary". A
// zstd that has dictBuilder (ZSTD_SOURCE_DIR) is compiled instead of this file.

#define ZDICT_STATIC_LINKING_ONLY
#include "common/error_private.h"
#include "zdict.h"

static size_t not_compiled_in(void) { return ERROR(GENERIC); }

size_t ZDICT_trainFromBuffer(void* dict, size_t capacity, const void* samples, const size_t* sizes,
                             unsigned count) {
  (void)dict, (void)capacity, (void)samples, (void)sizes, (void)count;
  return not_compiled_in();
}

size_t ZDICT_finalizeDictionary(void* dict, size_t capacity, const void* content, size_t size,
                                const void* samples, const size_t* sizes, unsigned count,
                                ZDICT_params_t params) {
  (void)dict, (void)capacity, (void)content, (void)size;
  (void)samples, (void)sizes, (void)count, (void)params;
  return not_compiled_in();
}

unsigned ZDICT_isError(size_t code) { return ERR_isError(code); }

const char* ZDICT_getErrorName(size_t code) { return ERR_getErrorName(code); }
