#define DEEPQ_LANES 16
#define DEEPQ_KERNELS kAvx512Kernels
#define DEEPQ_KERNELS_NAME "avx512"
#include "deepq/nn/kernels/vector.inc"
