// KL of float32 logits in one thread, as a loop over a row would be written in C: the maximum of each side, float exponentials summed in double for
// the normalisers, and the terms in float, summed in double. Built with -O3 -march=native. It has the digits of float32 only.
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static float normal(unsigned *state) {
  float sum = -6;
  for (int k = 0; k < 12; k++) {
    *state = *state * 1664525u + 1013904223u;
    sum += (float)(*state >> 8) / 16777216.0f;
  }
  return sum;
}

static double normaliser(const float *x, int n, float *most) {
  float largest = x[0];
  for (int k = 1; k < n; k++) largest = x[k] > largest ? x[k] : largest;
  double sum = 0;
  for (int k = 0; k < n; k++) sum += expf(x[k] - largest);
  *most = largest;
  return log(sum);
}

static double row(const float *p, const float *q, int n) {
  float mostP, mostQ;
  const float logP = (float)normaliser(p, n, &mostP) + mostP;
  const float logQ = (float)normaliser(q, n, &mostQ) + mostQ;
  double sum = 0;
  for (int k = 0; k < n; k++) {
    const float ofP = p[k] - logP;
    sum += expf(ofP) * (ofP - (q[k] - logQ));
  }
  return sum;
}

int main(int count, char **arguments) {
  if (count < 4) return 1;
  const int rows = atoi(arguments[1]), n = atoi(arguments[2]);
  const float distance = strtof(arguments[3], NULL);
  const size_t size = (size_t)rows * n;
  float *p = malloc(size * sizeof(float)), *q = malloc(size * sizeof(float));
  unsigned state = 1;
  for (size_t k = 0; k < size; k++) {
    p[k] = 3 * normal(&state);
    q[k] = p[k] + distance * normal(&state);
  }
  char line[16];
  while (fgets(line, sizeof line, stdin)) {
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    double sum = 0;
    for (int d = 0; d < rows; d++) sum += row(p + (size_t)d * n, q + (size_t)d * n, n);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%f %.17g\n", (end.tv_sec - begin.tv_sec) * 1e3 + (end.tv_nsec - begin.tv_nsec) / 1e6, sum / rows);
    fflush(stdout);
  }
}
