# Our own code: the engine, which never sees Node, and the addon around it.

file(GLOB engine_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/engine/*.cc")
if(engine_sources)
  add_library(engine STATIC ${engine_sources})
  target_include_directories(engine PUBLIC "${CMAKE_SOURCE_DIR}/native")
  target_link_libraries(engine PUBLIC rocksdb)
  strict_warnings(engine)
endif()

file(GLOB addon_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/addon.cc"
                                          "${CMAKE_SOURCE_DIR}/native/binding/*.cc")
if(NOT addon_sources MATCHES "addon\\.cc" OR NOT TARGET engine)
  message(WARNING "no native/addon.cc or no engine yet: only the libraries are built")
  return()
endif()

add_library(rocksdb_live MODULE ${addon_sources})
target_include_directories(rocksdb_live SYSTEM PRIVATE "${NODE_API_HEADERS_SOURCE_DIR}/include"
                                                       "${NODE_ADDON_API_SOURCE_DIR}")
target_compile_definitions(rocksdb_live PRIVATE NAPI_VERSION=9)
target_link_libraries(rocksdb_live PRIVATE engine)
set_target_properties(rocksdb_live PROPERTIES PREFIX "" SUFFIX ".node"
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/$<CONFIG>")
strict_warnings(rocksdb_live)

# Only the two registration symbols leave the addon, so that it lives beside others that bundle
# their own RocksDB; what nothing reaches is dropped.
if(APPLE)
  target_link_options(rocksdb_live PRIVATE
    "LINKER:-exported_symbol,_napi_register_module_v1"
    "LINKER:-exported_symbol,_node_api_module_get_api_version_v1"
    "LINKER:-dead_strip" "LINKER:-undefined,dynamic_lookup")
elseif(NOT WIN32)
  set(exports "${CMAKE_SOURCE_DIR}/native/exports.map")
  set_property(TARGET rocksdb_live APPEND PROPERTY LINK_DEPENDS "${exports}")
  target_link_options(rocksdb_live PRIVATE
    "LINKER:--version-script=${exports}" "LINKER:--gc-sections" "LINKER:-z,relro,-z,now"
    "LINKER:-z,noexecstack"
    # Our threads may outlive the worker that loaded the addon: its code must stay mapped.
    "LINKER:-z,nodelete")
  if(NOT ROCKSDB_LIVE_SANITIZER)
    target_link_options(rocksdb_live PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endif()

if(NOT ROCKSDB_LIVE_SYMBOLS AND NOT ROCKSDB_LIVE_SANITIZER AND NOT MSVC)
  target_link_options(rocksdb_live PRIVATE $<$<CONFIG:Release>:-s>)
endif()
