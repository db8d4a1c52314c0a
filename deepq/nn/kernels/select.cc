#include "deepq/nn/kernels/kernels.h"

namespace deepq {

#ifdef DEEPQ_VECTOR_KERNELS
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx2Kernels;

const Kernels& kernels_for(Engine engine) {
  if (engine == Engine::kPlain) return kPlainKernels;
  if (__builtin_cpu_supports("x86-64-v4")) return kAvx512Kernels;
  if (__builtin_cpu_supports("x86-64-v3")) return kAvx2Kernels;
  return kPlainKernels;
}
#else
const Kernels& kernels_for(Engine) { return kPlainKernels; }
#endif

}  // namespace deepq
