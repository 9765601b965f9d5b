# zstd: compression and decompression; dictionary training if the sources have it.

file(GLOB zstd_sources CONFIGURE_DEPENDS
     "${ZSTD_SOURCE_DIR}/common/*.c"
     "${ZSTD_SOURCE_DIR}/compress/*.c"
     "${ZSTD_SOURCE_DIR}/decompress/*.c")
file(GLOB zstd_training CONFIGURE_DEPENDS "${ZSTD_SOURCE_DIR}/dictBuilder/*.c")
if(NOT zstd_training)
  list(APPEND zstd_sources "${CMAKE_SOURCE_DIR}/native/zdict_missing.c")
endif()

if(NOT MSVC AND NOT WIN32)
  enable_language(ASM)
  file(GLOB zstd_assembly CONFIGURE_DEPENDS "${ZSTD_SOURCE_DIR}/decompress/*.S")
endif()

add_library(zstd STATIC ${zstd_sources} ${zstd_training} ${zstd_assembly})
target_include_directories(zstd SYSTEM PUBLIC "${ZSTD_SOURCE_DIR}")
target_compile_definitions(
  zstd
  PRIVATE XXH_NAMESPACE=ZSTD_ ZSTDLIB_VISIBLE= ZDICTLIB_VISIBLE= ZSTDERRORLIB_VISIBLE=
          $<$<NOT:$<BOOL:${zstd_assembly}>>:ZSTD_DISABLE_ASM>
  # 1 if max_train_bytes works: the check that refuses the option uses it.
  INTERFACE ROCKSDB_LIVE_ZSTD_TRAINING=$<BOOL:${zstd_training}>)
quiet_warnings(zstd)
