/* The C peer of the benchmark: the GAN steps written by hand as loops, the floor for a compiled step.
 *
 * Requests are lines of words on stdin: `open w2`, `round 20`, `check FILE`. Every answer is one line.
 * `loop LIBRARY` takes its matrix products from that OpenBLAS; without it they are plain loops.
 */
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 64, LATENT = 100, PIXELS = 784, HIDDEN = 200, DATA_ROWS = 2048 };
static const float SLOPE = 0.02f;

/* Random numbers: xorshift, and the polar method for normal ones. */

static uint64_t state = 88172645463325252ull;

static float uniform(float low, float high) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return low + (high - low) * (float)(state >> 40) * 0x1p-24f;
}

static void fill_normal(float *out, int count) {
  for (int i = 0; i < count; i += 2) {
    float u, v, square;
    do {
      u = uniform(-1, 1);
      v = uniform(-1, 1);
      square = u * u + v * v;
    } while (square >= 1 || square == 0);
    float scale = sqrtf(-2 * logf(square) / square);
    out[i] = u * scale;
    out[i + 1] = v * scale;
  }
}

static void fill_uniform(float *out, int count, float bound) {
  for (int i = 0; i < count; i++) out[i] = uniform(-bound, bound);
}

/* W1: the 1-0-1-0 script, batch 1, stochastic gradient descent at .01. */

typedef struct { float k0[4][3], b0[3], k1[3], b1; } PatternD;
typedef struct { float k0[3], b0[3], k1[3][4], b1[4]; } PatternG;

static PatternD pd;
static PatternG pg;
static float progress[2][8192];
static int counter[2];

static float logistic(float x) { return 1 / (1 + expf(-x)); }

static void record(int which, float loss) {
  if (++counter[which] % 10 == 0) progress[which][counter[which] / 10 % 8192] = loss;
}

static float pattern_d(const float *x, float *h) {
  float sum = pd.b1;
  for (int j = 0; j < 3; j++) {
    float a = pd.b0[j];
    for (int i = 0; i < 4; i++) a += x[i] * pd.k0[i][j];
    h[j] = logistic(a);
    sum += h[j] * pd.k1[j];
  }
  return logistic(sum);
}

static float pattern_train_d(const float *x, float target) {
  float h[3], out = pattern_d(x, h), rate = 0.01f;
  float loss = (out - target) * (out - target);
  float grad = 2 * (out - target) * out * (1 - out);
  for (int j = 0; j < 3; j++) {
    float inner = grad * pd.k1[j] * h[j] * (1 - h[j]);
    pd.k1[j] -= rate * grad * h[j];
    for (int i = 0; i < 4; i++) pd.k0[i][j] -= rate * inner * x[i];
    pd.b0[j] -= rate * inner;
  }
  pd.b1 -= rate * grad;
  record(0, loss);
  return loss;
}

static void pattern_g(float input, float *h, float *out) {
  for (int j = 0; j < 3; j++) h[j] = logistic(input * pg.k0[j] + pg.b0[j]);
  for (int i = 0; i < 4; i++) {
    float a = pg.b1[i];
    for (int j = 0; j < 3; j++) a += h[j] * pg.k1[j][i];
    out[i] = logistic(a);
  }
}

static float pattern_train_g(float input) {
  float h[3], out[4], dh[3], inner[3], outer[4], rate = 0.01f;
  pattern_g(input, h, out);
  float p = pattern_d(out, dh), loss = (p - 1) * (p - 1), grad = 2 * (p - 1) * p * (1 - p);
  for (int j = 0; j < 3; j++) inner[j] = grad * pd.k1[j] * dh[j] * (1 - dh[j]);
  for (int i = 0; i < 4; i++) {
    float sum = 0;
    for (int j = 0; j < 3; j++) sum += inner[j] * pd.k0[i][j];
    outer[i] = sum * out[i] * (1 - out[i]);
  }
  for (int j = 0; j < 3; j++) {
    float sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += outer[i] * pg.k1[j][i];
      pg.k1[j][i] -= rate * outer[i] * h[j];
    }
    sum *= h[j] * (1 - h[j]);
    pg.k0[j] -= rate * sum * input;
    pg.b0[j] -= rate * sum;
  }
  for (int i = 0; i < 4; i++) pg.b1[i] -= rate * outer[i];
  record(1, loss);
  return loss;
}

static void pattern_iterate(const float *given, float *losses) {
  float real[4], fake[4], h[3];
  for (int i = 0; i < 4; i++)
    real[i] = given ? given[i] : i % 2 ? uniform(0, 0.1f) : uniform(0.9f, 1.1f);
  losses[0] = pattern_train_d(real, 1);
  pattern_g(0.5f, h, fake);
  losses[1] = pattern_train_d(fake, 0);
  losses[2] = pattern_train_g(0.5f);
}

static void pattern_open(void) {
  fill_uniform((float *)&pd, 15, 0.5f);
  fill_uniform(pd.k1, 4, 0.57735f);
  fill_uniform((float *)&pg, 6, 1);
  fill_uniform((float *)pg.k1, 16, 0.57735f);
}

/* Matrix products: c[m,n] = a b (+ c), row-major, either factor transposed. */

typedef void (*Sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int,
                      float, float *, int);
static Sgemm blas;

static void transpose(const float *from, int rows, int columns, float *to) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

/* Four rows of c at a time, so that each row of b is read once for them. */
static void plain_product(int m, int n, int k, const float *a, const float *b, float *c) {
  for (int i = 0; i < m; i += 4) {
    float *c0 = c + i * n, *c1 = c0 + n, *c2 = c1 + n, *c3 = c2 + n;
    memset(c0, 0, sizeof(float) * 4 * (size_t)n);
    for (int p = 0; p < k; p++) {
      const float *row = b + p * n, *column = a + i * k + p;
      float a0 = column[0], a1 = column[k], a2 = column[2 * k], a3 = column[3 * k];
      for (int j = 0; j < n; j++) {
        c0[j] += a0 * row[j];
        c1[j] += a1 * row[j];
        c2[j] += a2 * row[j];
        c3[j] += a3 * row[j];
      }
    }
  }
}

static void product(int m, int n, int k, const float *a, int at, const float *b, int bt, float *c) {
  static float a_copy[BATCH * PIXELS], b_copy[HIDDEN * PIXELS];
  if (blas) {
    blas(101, 111 + at, 111 + bt, m, n, k, 1, a, at ? m : k, b, bt ? k : n, 0, c, n);
    return;
  }
  if (at) transpose(a, k, m, a_copy);
  if (bt) transpose(b, n, k, b_copy);
  plain_product(m, n, k, at ? a_copy : a, bt ? b_copy : b, c);
}

/* W2: dense layers with Adam. A parameter, its gradient and its two moments are four blocks. */

typedef struct { int in, out; float *w, *b, *grad, *m, *v; } Layer;

static Layer d0, d1, g0, g1;
static float *data, *ones, *zeros;
static int row, steps_d, steps_g;

static Layer dense(int in, int out) {
  size_t count = (size_t)in * out + out;
  float *block = aligned_alloc(64, (count * 16 + 63) / 64 * 64);
  memset(block, 0, count * 16);
  fill_uniform(block, (int)count, 1 / sqrtf((float)in));
  return (Layer){in, out, block, block + in * out, block + count, block + 2 * count,
                 block + 3 * count};
}

/* Cephes' polynomial, so that the compiler can use vectors. */
static inline float quick_exp(float x) {
  x = x > 88 ? 88 : x < -87 ? -87 : x;
  float z = x * 1.44269504f + 12582912.0f;
  int32_t n;
  memcpy(&n, &z, 4);
  float whole = z - 12582912.0f, r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
  float poly = 1.9875691500e-4f;
  poly = poly * r + 1.3981999507e-3f;
  poly = poly * r + 8.3334519073e-3f;
  poly = poly * r + 4.1665795894e-2f;
  poly = poly * r + 1.6666665459e-1f;
  poly = poly * r + 5.0000001201e-1f;
  poly = poly * r * r + r + 1;
  int32_t bits = (n << 23) + 0x3f800000;
  float power;
  memcpy(&power, &bits, 4);
  return poly * power;
}

static void forward(const Layer *l, const float *x, float *y, int is_sigmoid) {
  product(BATCH, l->out, l->in, x, 0, l->w, 0, y);
  for (int i = 0; i < BATCH; i++) {
    float *line = y + i * l->out;
    for (int j = 0; j < l->out; j++) {
      float a = line[j] + l->b[j];
      line[j] = is_sigmoid ? 1 / (1 + quick_exp(-a)) : a > 0 ? a : SLOPE * a;
    }
  }
}

/* The gradient of a layer's parameters, from the gradient at its sum. */
static void gradient(const Layer *l, const float *x, const float *up) {
  product(l->in, l->out, BATCH, x, 1, up, 0, l->grad);
  float *bias = l->grad + l->in * l->out;
  memset(bias, 0, sizeof(float) * (size_t)l->out);
  for (int i = 0; i < BATCH; i++)
    for (int j = 0; j < l->out; j++) bias[j] += up[i * l->out + j];
}

/* The gradient at a LeakyReLU's sum, from the gradient at the sum of the layer above it. */
static void back(const Layer *above, const float *up, const float *h, float *down) {
  product(BATCH, above->in, above->out, up, 0, above->w, 1, down);
  for (int i = 0; i < BATCH * above->in; i++) down[i] *= h[i] > 0 ? 1 : SLOPE;
}

static void adam(const Layer *l, int step) {
  float c1 = 1 / (1 - powf(0.9f, (float)step)), c2 = 1 / (1 - powf(0.999f, (float)step));
  float *w = l->w, *grad = l->grad, *m = l->m, *v = l->v;
  for (int i = 0, count = l->in * l->out + l->out; i < count; i++) {
    m[i] = 0.9f * m[i] + 0.1f * grad[i];
    v[i] = 0.999f * v[i] + 0.001f * grad[i] * grad[i];
    w[i] -= 1e-4f * (m[i] * c1) / (__builtin_sqrtf(v[i] * c2) + 1e-7f);
  }
}

/* Mean squared error at D's output; `up` becomes the gradient at the sum before the sigmoid. */
static float score(const float *p, const float *targets, float *up) {
  float loss = 0;
  for (int i = 0; i < BATCH; i++) {
    float gap = p[i] - targets[i];
    loss += gap * gap / BATCH;
    up[i] = 2 * gap / BATCH * p[i] * (1 - p[i]);
  }
  return loss;
}

static float train_d(const float *x, const float *targets) {
  static float h[BATCH * HIDDEN], p[BATCH], up[BATCH], down[BATCH * HIDDEN];
  forward(&d0, x, h, 0);
  forward(&d1, h, p, 1);
  float loss = score(p, targets, up);
  back(&d1, up, h, down);
  gradient(&d1, h, up);
  gradient(&d0, x, down);
  adam(&d0, ++steps_d);
  adam(&d1, steps_d);
  return loss;
}

static void generate(const float *z, float *h, float *image) {
  forward(&g0, z, h, 0);
  forward(&g1, h, image, 1);
}

static float train_g(const float *z) {
  static float gh[BATCH * HIDDEN], image[BATCH * PIXELS], h[BATCH * HIDDEN], p[BATCH], up[BATCH];
  static float dh[BATCH * HIDDEN], at_image[BATCH * PIXELS], down[BATCH * HIDDEN];
  generate(z, gh, image);
  forward(&d0, image, h, 0);
  forward(&d1, h, p, 1);
  float loss = score(p, ones, up);
  back(&d1, up, h, dh);
  product(BATCH, PIXELS, HIDDEN, dh, 0, d0.w, 1, at_image);
  for (int i = 0; i < BATCH * PIXELS; i++) at_image[i] *= image[i] * (1 - image[i]);
  back(&g1, at_image, gh, down);
  gradient(&g1, gh, at_image);
  gradient(&g0, z, down);
  adam(&g0, ++steps_g);
  adam(&g1, steps_g);
  return loss;
}

static void dense_iterate(const float *given, float *losses) {
  static float noise[BATCH * LATENT], h[BATCH * HIDDEN], image[BATCH * PIXELS];
  row = (row + BATCH) % DATA_ROWS;
  losses[0] = train_d(given ? given : data + row * PIXELS, ones);
  if (!given) fill_normal(noise, BATCH * LATENT);
  generate(given ? given + BATCH * PIXELS : noise, h, image);
  losses[1] = train_d(image, zeros);
  if (!given) fill_normal(noise, BATCH * LATENT);
  losses[2] = train_g(given ? given + BATCH * (PIXELS + LATENT) : noise);
}

static void dense_open(void) {
  d0 = dense(PIXELS, HIDDEN), d1 = dense(HIDDEN, 1);
  g0 = dense(LATENT, HIDDEN), g1 = dense(HIDDEN, PIXELS);
  data = malloc(sizeof(float) * DATA_ROWS * PIXELS);
  for (int i = 0; i < DATA_ROWS * PIXELS; i++) data[i] = uniform(0, 1);
  ones = malloc(sizeof(float) * BATCH), zeros = calloc(BATCH, sizeof(float));
  for (int i = 0; i < BATCH; i++) ones[i] = 1;
  steps_d = steps_g = 0;
}

/* The check: losses of the first iterations from the weights and inputs of a file. */

static void check(const char *path, int is_dense) {
  FILE *file = fopen(path, "rb");
  int size = is_dense ? BATCH * (PIXELS + 2 * LATENT) : 4, steps = is_dense ? 8 : 200;
  float *inputs = malloc(sizeof(float) * (size_t)size), losses[3];
  size_t got = 0;
  if (is_dense) {
    Layer *layers[] = {&d0, &d1, &g0, &g1};
    for (int i = 0; i < 4; i++)
      got += fread(layers[i]->w, 4, (size_t)(layers[i]->in + 1) * (size_t)layers[i]->out, file);
  } else {
    got += fread(&pd, 4, 19, file) + fread(&pg, 4, 22, file);
  }
  printf("losses");
  for (int s = 0; s < steps; s++) {
    got += fread(inputs, 4, (size_t)size, file);
    (is_dense ? dense_iterate : pattern_iterate)(inputs, losses);
    for (int i = 0; i < 3; i++) printf(" %.9g", losses[i]);
  }
  printf("\n");
  if (got == 0) fprintf(stderr, "Cannot read %s: expected numbers, got none\n", path);
  fclose(file);
  free(inputs);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void open_blas(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (!library) return;
  blas = (Sgemm)dlsym(library, "scipy_cblas_sgemm");
  if (!blas) blas = (Sgemm)dlsym(library, "cblas_sgemm");
}

int main(int count, char **arguments) {
  char request[16], argument[4096];
  int is_dense = 0;
  if (count > 1) open_blas(arguments[1]);
  printf("ready C %s %s\n", __VERSION__, blas ? "openblas" : "plain");
  fflush(stdout);
  while (scanf("%15s %4095s", request, argument) == 2) {
    if (!strcmp(request, "open")) {
      is_dense = !strcmp(argument, "w2");
      (is_dense ? dense_open : pattern_open)();
      printf("ok\n");
    } else if (!strcmp(request, "round")) {
      float losses[3];
      double start = now();
      for (int i = atoi(argument); i > 0; i--)
        (is_dense ? dense_iterate : pattern_iterate)(NULL, losses);
      printf("ms %.6f\n", now() - start);
    } else {
      check(argument, is_dense);
    }
    fflush(stdout);
  }
  return 0;
}
