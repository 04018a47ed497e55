/* Dropout on a graphics card: drop_copy of ../dropout.rs, a thread for each value. Plain C but for KERNEL
 * and PLACE, so that a test can run it on the processor.
 */

#ifdef __CUDACC__
#define KERNEL extern "C" __global__
#define PLACE (blockIdx.x * blockDim.x + threadIdx.x)
#endif

KERNEL void drop(float *out, const float *values, unsigned count, unsigned key0, unsigned key1,
                 unsigned limit, float scale) {
    const unsigned place = PLACE;
    if (place >= count) return;
    unsigned x = (place * 0x9e3779b9u) ^ key0;
    x = (x ^ (x >> 16)) * 0x7feb352du + key1;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    x ^= x >> 16;
    out[place] = x < limit ? 0.0f : values[place] * scale;
}
