// bzip2 calls this if it finds itself in an impossible state (BZ_NO_STDIO leaves it to us). Its
// current block cannot be trusted, and it offers no way to recover.

#include <stdlib.h>

void bz_internal_error(int code);

void bz_internal_error(int code) {
  (void)code;
  abort();
}
