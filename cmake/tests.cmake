# The engine's own tests: a GoogleTest binary without Node in it.

file(GLOB test_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/engine/tests/*/*.cc")
if(NOT test_sources OR NOT TARGET engine)
  return()
endif()

find_package(GTest QUIET)
if(NOT TARGET GTest::gtest_main)
  message(WARNING "no GoogleTest (Debian: libgtest-dev): the engine's tests are not built")
  return()
endif()

add_executable(engine_tests ${test_sources})
target_link_libraries(engine_tests PRIVATE engine GTest::gtest_main)
strict_warnings(engine_tests)

enable_testing()
add_test(NAME engine COMMAND engine_tests)
