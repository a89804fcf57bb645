// SPDX-License-Identifier: Apache-2.0
// The C interface between the harness and a Verilated shared object; compiled into both.
#ifndef HASSE_HARNESS_ABI_H_
#define HASSE_HARNESS_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One port of the simulated module, and where its value lives.
/// Storage is Verilator's: 1, 2, 4 or 8 bytes up to 64 bits, else ceil(bits/32) words of 32 bits,
/// least significant first.
/// Bits above the width must be zero in inputs and are zero in outputs.
typedef struct hasse_port {
  const char* name;
  void* data;
  uint32_t bits;
  uint32_t is_input;
} hasse_port;

/// The functions a Verilated shared object offers, behind its only exported symbol `hasse_model`.
typedef struct hasse_model_api {
  /// Creates a simulation whose every uninitialised bit is drawn from `seed` (1..2^31-1).
  void* (*create)(uint32_t seed);
  void (*destroy)(void* model);
  /// Points `*ports` at the port table of this simulation and returns its length.
  size_t (*ports)(void* model, const hasse_port** ports);
  void (*eval)(void* model);
  /// Starts an FST trace; returns 0 when the library was built without tracing.
  int (*trace_open)(void* model, const char* path);
  /// Writes the present values at `time`, in units of the trace's time scale.
  void (*trace_dump)(void* model, uint64_t time);
  void (*trace_close)(void* model);
  /// Writes what has been covered so far; returns 0 when the library was built without coverage.
  int (*coverage_write)(void* model, const char* path);
} hasse_model_api;

#ifdef __cplusplus
}
#endif

#endif  // HASSE_HARNESS_ABI_H_
