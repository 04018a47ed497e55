/* The cells' arithmetic on a graphics card: one time step, a thread for each cell of each row.
 *
 * The same as cells.rs. Plain C but for KERNEL and PLACE, so that a test can run it on the processor.
 * `arena` holds everything a layer computes; `at` says where what lies (arena.rs).
 */

#ifdef __CUDACC__
#define KERNEL extern "C" __global__
#define PLACE (blockIdx.x * blockDim.x + threadIdx.x)
#endif

typedef struct {
    /* Where each part of the arena begins. */
    unsigned long long gates, before, kept, output, keep, bias, d_cell, d_past, carried;
    /* Sizes, and the current time step. */
    unsigned rows, hidden, step;
} At;

static
#ifdef __CUDACC__
__device__
#endif
float sigmoid(float x) {
    return 1.0f / (1.0f + expf(-x));
}

/* What every kernel begins with: its cell, and the parts of the arena at this step. */
#define BEGIN(GATES)                                                                               \
    const unsigned n = at.hidden, place = PLACE;                                                   \
    if (place >= at.rows * n) return;                                                              \
    const unsigned row = place / n, j = place % n;                                                 \
    const unsigned long long first = (unsigned long long)at.step * at.rows + row;                  \
    float *const gates = arena + at.gates + first * GATES * n + j;                                 \
    const float keep = arena[at.keep + first];                                                     \
    const float keep_after = arena[at.keep + first + at.rows];                                     \
    float *const before = arena + at.before + first * n + j;                                       \
    float *const kept = arena + at.kept + first * n + j;                                           \
    /* The same one step later. */                                                                 \
    float *const kept_after = kept + (unsigned long long)at.rows * n;

#define FORWARD(GATES)                                                                             \
    BEGIN(GATES)                                                                                   \
    const float *const past = product + (unsigned long long)row * GATES * n + j;                   \
    const float *const bias = arena + at.bias + j;

#define HIDDEN(VALUE)                                                                              \
    {                                                                                              \
        const float value = VALUE;                                                                 \
        arena[at.output + first * n + j] = value;                                                  \
        before[(unsigned long long)at.rows * n] = value * keep_after;                              \
    }

KERNEL void lstm_forward(float *arena, const float *product, const At at) {
    FORWARD(4)
    const float i = sigmoid(gates[0] + past[0] + bias[0]);
    const float f = sigmoid(gates[n] + past[n] + bias[n]);
    const float g = tanhf(gates[2 * n] + past[2 * n] + bias[2 * n]);
    const float o = sigmoid(gates[3 * n] + past[3 * n] + bias[3 * n]);
    const float c = f * (*kept * keep) + i * g;
    gates[0] = i;
    gates[n] = f;
    gates[2 * n] = g;
    gates[3 * n] = o;
    *kept_after = c;
    HIDDEN(o * tanhf(c))
    (void)before;
}

KERNEL void gru_forward(float *arena, const float *product, const At at) {
    FORWARD(3)
    const float r = sigmoid(gates[0] + past[0] + bias[0]);
    const float z = sigmoid(gates[n] + past[n] + bias[n]);
    const float past_new = past[2 * n] + bias[2 * n];
    const float fresh = tanhf(gates[2 * n] + r * past_new);
    gates[0] = r;
    gates[n] = z;
    gates[2 * n] = fresh;
    *kept_after = past_new;
    HIDDEN((1.0f - z) * fresh + z * *before)
    (void)keep;
}

KERNEL void rnn_forward(float *arena, const float *product, const At at) {
    FORWARD(1)
    const float h = tanhf(gates[0] + past[0] + bias[0]);
    gates[0] = h;
    HIDDEN(h)
    (void)keep, (void)kept_after;
}

/* `gradient` is the outputs' (time, row, cell), `product` what the step after sends back. */
#define BACKWARD(GATES)                                                                            \
    BEGIN(GATES)                                                                                   \
    const float sent = (product[place] + arena[at.carried + place]) * keep_after;                  \
    const float dh = gradient[first * n + j] + sent;

KERNEL void lstm_backward(float *arena, const float *gradient, const float *product, const At at) {
    BACKWARD(4)
    const float i = gates[0], f = gates[n], g = gates[2 * n], o = gates[3 * n];
    const float t = tanhf(*kept_after);
    float *const d_cell = arena + at.d_cell + place;
    const float dc = *d_cell + dh * o * (1.0f - t * t);
    gates[0] = dc * g * i * (1.0f - i);
    gates[n] = dc * (*kept * keep) * f * (1.0f - f);
    gates[2 * n] = dc * i * (1.0f - g * g);
    gates[3 * n] = dh * t * o * (1.0f - o);
    *d_cell = dc * f * keep;
    (void)before;
}

KERNEL void gru_backward(float *arena, const float *gradient, const float *product, const At at) {
    BACKWARD(3)
    const float r = gates[0], z = gates[n], fresh = gates[2 * n];
    float *const d_past = arena + at.d_past + (unsigned long long)row * 3 * n + j;
    const float d_new = dh * (1.0f - z) * (1.0f - fresh * fresh);
    const float d_reset = d_new * *kept_after * r * (1.0f - r);
    const float d_update = dh * (*before - fresh) * z * (1.0f - z);
    gates[0] = d_past[0] = d_reset;
    gates[n] = d_past[n] = d_update;
    gates[2 * n] = d_new;
    d_past[2 * n] = *kept_after = d_new * r;
    arena[at.carried + place] = dh * z;
    (void)keep;
}

KERNEL void rnn_backward(float *arena, const float *gradient, const float *product, const At at) {
    BACKWARD(1)
    gates[0] = dh * (1.0f - gates[0] * gates[0]);
    (void)keep, (void)before, (void)kept_after;
}
