# How the addon is linked: what it exports, what it includes, what is stored separately.

include(CheckLinkerFlag)

# Windows: the import library of node.exe, made from Node-API's own list of its functions. Node is
# bound at the first call, through a hook that uses the running program: a renamed node.exe works.
function(link_to_node target)
  set(functions "${NODE_API_HEADERS_SOURCE_DIR}/def/node_api.def")
  set(library "${CMAKE_BINARY_DIR}/node.lib")
  if(MSVC)
    # lib.exe, or LLVM's llvm-lib if the compiler is clang-cl.
    set(command "${CMAKE_AR}" /nologo "/def:${functions}" "/out:${library}"
                "/machine:${CMAKE_CXX_COMPILER_ARCHITECTURE_ID}")
    target_link_libraries(${target} PRIVATE delayimp)
    target_link_options(${target} PRIVATE LINKER:/DELAYLOAD:node.exe)
  else()
    set(machine "i386:x86-64")
    if(ROCKSDB_LIVE_ARM64)
      set(machine arm64)
    endif()
    set(command "${CMAKE_DLLTOOL}" -d "${functions}" -l "${library}" -m ${machine})
    target_link_options(${target} PRIVATE LINKER:-Xlink=/DELAYLOAD:node.exe)
  endif()
  add_custom_command(OUTPUT "${library}" COMMAND ${command} DEPENDS "${functions}" VERBATIM)
  add_custom_target(node_import_library DEPENDS "${library}")
  add_dependencies(${target} node_import_library)
  target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/native/windows/delay_load_hook.cc")
  target_link_libraries(${target} PRIVATE "${library}")
endfunction()

# The addon exports only the two registration symbols, so that it can be loaded beside others that
# bundle their own RocksDB; unreachable code is dropped. On Windows nothing else is marked for
# export.
function(link_addon target)
  if(MSVC)
    target_link_options(${target} PRIVATE LINKER:/OPT:REF LINKER:/OPT:ICF)
  elseif(WIN32)
    target_link_options(${target} PRIVATE LINKER:--gc-sections)
  elseif(APPLE)
    target_link_options(${target} PRIVATE
      "LINKER:-exported_symbol,_napi_register_module_v1"
      "LINKER:-exported_symbol,_node_api_module_get_api_version_v1"
      "LINKER:-dead_strip" "LINKER:-undefined,dynamic_lookup")
  else()
    set(exports "${CMAKE_SOURCE_DIR}/native/exports.map")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${exports}")
    target_link_options(${target} PRIVATE
      "LINKER:--version-script,${exports}" "LINKER:--gc-sections" "LINKER:-z,relro,-z,now"
      "LINKER:-z,noexecstack"
      # Our threads may outlive the worker that loaded the addon, so its code must stay mapped.
      "LINKER:-z,nodelete")
    check_linker_flag(CXX LINKER:--build-id=sha1 HAVE_BUILD_ID)
    if(HAVE_BUILD_ID)
      target_link_options(${target} PRIVATE LINKER:--build-id=sha1)
    endif()
    if(NOT ROCKSDB_LIVE_SANITIZER)
      target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
  endif()
  if(WIN32)
    link_to_node(${target})
  endif()
endfunction()

# Strips the addon and stores its symbols beside it, as rocksdb_live.node.debug (with MSVC: .pdb). A
# debugger matches the two by the build id.
function(strip_addon target)
  if(ROCKSDB_LIVE_SYMBOLS OR ROCKSDB_LIVE_SANITIZER)
    return()
  endif()
  set(file "$<TARGET_FILE:${target}>")
  if(MSVC)
    target_link_options(${target} PRIVATE LINKER:/DEBUG "LINKER:/PDBALTPATH:%_PDB%")
  elseif(APPLE)
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
      COMMAND "${CMAKE_COMMAND}" -E copy "${file}" "${file}.debug"
      COMMAND "${CMAKE_STRIP}" -x "${file}"
      # Stripping invalidates the signature that arm64 requires; an ad-hoc one is enough.
      COMMAND codesign --force --sign - "${file}")
  else()
    add_custom_command(TARGET ${target} POST_BUILD VERBATIM
      COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug "${file}" "${file}.debug"
      COMMAND "${CMAKE_STRIP}" --strip-all "${file}")
  endif()
endfunction()
