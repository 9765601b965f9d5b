# lz4: the block format and its high compression level, which is all RocksDB calls.

add_library(lz4 STATIC "${LZ4_SOURCE_DIR}/lz4.c" "${LZ4_SOURCE_DIR}/lz4hc.c")
target_include_directories(lz4 SYSTEM PUBLIC "${LZ4_SOURCE_DIR}")
# Their macros would export every function: an empty visibility keeps the command line's.
target_compile_definitions(lz4 PRIVATE LZ4LIB_VISIBILITY=)
quiet_warnings(lz4)
