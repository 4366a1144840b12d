// What libtorch says of itself. Its function returns a C++ string, so C and Go cannot call it; it is looked up when the
// program runs, so a libtorch without it is no link error, and none of libtorch's headers is needed.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <string>

#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define LETHE_SHOW_CONFIG "_ZN2at11show_configB5cxx11Ev" // std::string at::show_config(), libstdc++'s newer string
#else
#define LETHE_SHOW_CONFIG "_ZN2at11show_configEv"
#endif

// lethe_show_config is at::show_config(), to be freed by the caller, or null where libtorch does not have it.
extern "C" char *lethe_show_config(void) {
  auto show = reinterpret_cast<std::string (*)()>(dlsym(RTLD_DEFAULT, LETHE_SHOW_CONFIG));
  if (!show) return nullptr;
  try {
    return strdup(show().c_str());
  } catch (...) { // no exception may cross into Go
    return nullptr;
  }
}
