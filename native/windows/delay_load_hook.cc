// The addon imports functions of node.exe. They come from the program that has loaded it, whatever
// its name is (a renamed node.exe, Electron, a single executable).

#include <windows.h>

// Must follow windows.h, which it needs.
#include <delayimp.h>
#include <string.h>

namespace {

FARPROC WINAPI TakeRunningProgram(unsigned event, DelayLoadInfo* info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  // If Node is a shared library of the program, its functions are in that library.
  HMODULE node = GetModuleHandleA("libnode.dll");
  if (node == nullptr) node = GetModuleHandleA(nullptr);
  return reinterpret_cast<FARPROC>(node);
}

}  // namespace

// The linker's helper finds this symbol by its name.
extern "C" decltype(__pfnDliNotifyHook2) __pfnDliNotifyHook2 = TakeRunningProgram;
