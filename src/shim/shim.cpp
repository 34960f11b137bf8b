// What tch does not expose, as C functions that never throw.
#include <torch/csrc/api/include/torch/version.h>

extern "C" const char* elth_torch_version() { return TORCH_VERSION; }
