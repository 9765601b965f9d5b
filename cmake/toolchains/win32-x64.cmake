# Windows on x64, from Linux: clang and lld with the headers and libraries of mingw-w64.
# Debian: clang-19 lld-19 llvm-19 g++-mingw-w64-x86-64-posix. Another version: -DLLVM_VERSION=.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(LLVM_VERSION 19 CACHE STRING "The version in the names of LLVM's programs")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LLVM_VERSION)

set(triple x86_64-w64-mingw32)
set(CMAKE_C_COMPILER clang-${LLVM_VERSION})
set(CMAKE_CXX_COMPILER clang++-${LLVM_VERSION})
set(CMAKE_C_COMPILER_TARGET ${triple})
set(CMAKE_CXX_COMPILER_TARGET ${triple})
set(CMAKE_AR llvm-ar-${LLVM_VERSION})
set(CMAKE_RANLIB llvm-ranlib-${LLVM_VERSION})
set(CMAKE_OBJCOPY llvm-objcopy-${LLVM_VERSION})
set(CMAKE_STRIP llvm-strip-${LLVM_VERSION})
set(CMAKE_DLLTOOL llvm-dlltool-${LLVM_VERSION})
set(CMAKE_RC_COMPILER llvm-windres-${LLVM_VERSION})

# mingw-w64's libstdc++ was compiled by gcc, which uses emulated thread-local variables.
set(CMAKE_CXX_FLAGS_INIT -femulated-tls)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld-${LLVM_VERSION} -static")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-fuse-ld=lld-${LLVM_VERSION} -static")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-fuse-ld=lld-${LLVM_VERSION} -static")

set(CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
