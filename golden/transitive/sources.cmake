# SPDX-License-Identifier: Apache-2.0
list(APPEND HASSE_GOLDEN_SOURCES
  transitive/array_model.cpp
  transitive/array_split.cpp
  transitive/cycle_model.cpp
  transitive/dynamic_plan.cpp
  transitive/fast_dynamic.cpp
  transitive/fast_model.cpp
  transitive/fast_orbit.cpp
  transitive/hasse_graph.cpp
  transitive/host_memory.cpp
  transitive/lattice.cpp
  transitive/layer_model.cpp
  transitive/necklace.cpp
  transitive/node_slicer.cpp
  transitive/olive_model.cpp
  transitive/orbit_forest.cpp
  transitive/place_nodes.cpp
  transitive/program.cpp
  transitive/program_layout.cpp
  transitive/schedule.cpp
  transitive/streamed_model.cpp
  transitive/subtile.cpp
  transitive/subtile_planner.cpp
  transitive/tile_planner.cpp
  transitive/weight_stream.cpp)
