// What bzip2 calls where it finds itself in a state that cannot be (BZ_NO_STDIO leaves it to us).
// The block that it works on cannot be trusted, and it offers no way back.

#include <stdlib.h>

void bz_internal_error(int code);

void bz_internal_error(int code) {
  (void)code;
  abort();
}
