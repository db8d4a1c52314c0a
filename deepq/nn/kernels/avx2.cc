#define DEEPQ_LANES 8
#define DEEPQ_KERNELS kAvx2Kernels
#define DEEPQ_KERNELS_NAME "avx2"
#include "deepq/nn/kernels/vector.inc"
