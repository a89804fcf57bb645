# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GENERATOR_SOURCES
  units/accumulate_lane.cpp
  units/array_control.cpp
  units/bank_select.cpp
  units/counter.cpp
  units/drain.cpp
  units/engine.cpp
  units/gemm_control.cpp
  units/geometry.cpp
  units/lattice_planner.cpp
  units/look_ahead.cpp
  units/node_lookup.cpp
  units/operand_ring.cpp
  units/partial_sums.cpp
  units/prefix_banks.cpp
  units/prefix_lane.cpp
  units/read_scheduler.cpp
  units/reorder_buffer.cpp
  units/result_merge.cpp
  units/stream_fork.cpp
  units/tile_tracker.cpp
  units/tile_walker.cpp
  units/transitive_array.cpp
  units/weight_dispatch.cpp
  units/wide_accumulator.cpp
  units/work_splitter.cpp)
