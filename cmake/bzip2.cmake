# bzip2: the library, which never prints or ends the process (BZ_NO_STDIO: bz_internal_error is ours).

file(GLOB bzip2_sources CONFIGURE_DEPENDS "${BZIP2_SOURCE_DIR}/*.c")
add_library(bzip2 STATIC ${bzip2_sources} "${CMAKE_SOURCE_DIR}/native/bzip2_error.c")
target_include_directories(bzip2 SYSTEM PUBLIC "${BZIP2_SOURCE_DIR}")
target_compile_definitions(bzip2 PRIVATE BZ_NO_STDIO)
if(WIN32)
  # Without it the header declares pointers that a loader fills.
  target_compile_definitions(bzip2 PUBLIC BZ_EXPORT)
endif()
quiet_warnings(bzip2)
