# The npm package has its sources in deps.br until they are extracted. scripts/build-native.mjs does that before
# it starts CMake; whoever starts CMake by hand gets it done here. A clone fetches its sources, and has a lock file.

if(EXISTS "${ROCKSDB_SOURCE_DIR}/src.mk"
   OR NOT EXISTS "${CMAKE_SOURCE_DIR}/deps.br"
   OR EXISTS "${CMAKE_SOURCE_DIR}/package-lock.json")
  return()
endif()

set(extract scripts/fetch-sources.mjs)
find_program(node_program node NO_CACHE)
if(NOT node_program)
  message(FATAL_ERROR "the sources are still in deps.br, and there is no node on the PATH to extract "
                      "them: run node ${extract} in ${CMAKE_SOURCE_DIR}")
endif()
execute_process(COMMAND "${node_program}" ${extract} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
                RESULT_VARIABLE status OUTPUT_QUIET)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "node ${extract} ended with ${status}, see above")
endif()
