// The addon asks for functions of node.exe. Whatever the program is called that has loaded it (a
// renamed node.exe, Electron, a single executable), that is the one to take them from.

#include <windows.h>

// After windows.h, which it needs.
#include <delayimp.h>
#include <string.h>

namespace {

FARPROC WINAPI TakeRunningProgram(unsigned event, DelayLoadInfo* info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  // Where Node is a library of the program, its functions are there.
  HMODULE node = GetModuleHandleA("libnode.dll");
  if (node == nullptr) node = GetModuleHandleA(nullptr);
  return reinterpret_cast<FARPROC>(node);
}

}  // namespace

// Found by its name by the linker's helper.
extern "C" decltype(__pfnDliNotifyHook2) __pfnDliNotifyHook2 = TakeRunningProgram;
