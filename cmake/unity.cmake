# Unity sources of our own, since CMake's contain absolute paths: these include each file by its
# path below ROOT, so that their text, and with it ccache's key, is the same in every clone.

# Makes one unit, unity/NAME.cc, of the given files; its path is stored in OUT.
function(unity_source out name)
  list(TRANSFORM ARGN PREPEND "#include \"")
  list(TRANSFORM ARGN APPEND "\"")
  list(JOIN ARGN "\n" text)
  set(unit "${CMAKE_BINARY_DIR}/unity/${name}.cc")
  file(CONFIGURE OUTPUT "${unit}" CONTENT "${text}\n" @ONLY)
  set(${out} "${unit}" PARENT_SCOPE)
endfunction()

#   unity_sources(out [NAME prefix] ROOT dir BATCH n SOURCES files... ALONE files that are compiled by themselves)
function(unity_sources out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;ROOT;BATCH" "SOURCES;ALONE")
  set(units "")
  foreach(source IN LISTS arg_ALONE)
    list(REMOVE_ITEM arg_SOURCES ${source})
    list(APPEND units "${arg_ROOT}/${source}")
  endforeach()

  list(LENGTH arg_SOURCES count)
  math(EXPR last "${count} - 1")
  foreach(start RANGE 0 ${last} ${arg_BATCH})
    list(SUBLIST arg_SOURCES ${start} ${arg_BATCH} batch)
    unity_source(unit ${arg_NAME}${start} ${batch})
    list(APPEND units "${unit}")
  endforeach()
  set(${out} "${units}" PARENT_SCOPE)
endfunction()
