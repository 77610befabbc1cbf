/*
 * Parity by ISA-L, for bench/erasure.ts: isal-encode K M SHARD_BYTES ROUNDS < matrix (M rows of K bytes) + data (K shards).
 * Prints the seconds of ROUNDS encodings, then writes nothing else; the parity goes to stderr as a 64-bit FNV-1a in hex.
 */
#include <isa-l/erasure_code.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int k = atoi(argv[1]), m = atoi(argv[2]), size = atoi(argv[3]), rounds = atoi(argv[4]);
  if (k < 1 || m < 1 || k + m > 255 || size < 64) return 2;
  unsigned char *rows = malloc((size_t)m * k), *tables = malloc((size_t)32 * k * m);
  unsigned char **shards = malloc(sizeof(*shards) * (k + m));
  if (!rows || !tables || !shards || fread(rows, 1, (size_t)m * k, stdin) != (size_t)m * k) return 1;
  for (int i = 0; i < k + m; i++) {
    if (posix_memalign((void **)&shards[i], 64, size)) return 1;
    if (i < k && fread(shards[i], 1, size, stdin) != (size_t)size) return 1;
  }
  ec_init_tables(k, m, rows, tables);
  ec_encode_data(size, k, m, tables, shards, shards + k);
  double began = now();
  for (int i = 0; i < rounds; i++) ec_encode_data(size, k, m, tables, shards, shards + k);
  printf("%.9f\n", now() - began);
  uint64_t hash = 0xcbf29ce484222325u;
  for (int i = k; i < k + m; i++)
    for (int x = 0; x < size; x++) hash = (hash ^ shards[i][x]) * 0x100000001b3u;
  fprintf(stderr, "%016llx\n", (unsigned long long)hash);
  return 0;
}
