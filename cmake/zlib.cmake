# zlib: deflate and inflate, without its functions for .gz files. RocksDB's blocks do not use zlib's
# checksums: the tables for those, half of zlib's sources, are computed at first use.

file(GLOB zlib_sources CONFIGURE_DEPENDS "${ZLIB_SOURCE_DIR}/*.c")
add_library(zlib STATIC ${zlib_sources})
target_include_directories(zlib SYSTEM PUBLIC "${ZLIB_SOURCE_DIR}")
if(NOT WIN32)
  target_compile_definitions(zlib PRIVATE HAVE_UNISTD_H HAVE_HIDDEN)
endif()
target_compile_definitions(zlib PRIVATE DYNAMIC_CRC_TABLE)
quiet_warnings(zlib)
