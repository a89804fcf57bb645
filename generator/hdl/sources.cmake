# SPDX-License-Identifier: Apache-2.0
# Sources of hasse::hdl, relative to generator/.
list(APPEND HASSE_GENERATOR_SOURCES
  hdl/block.cpp
  hdl/coverage.cpp
  hdl/emit.cpp
  hdl/error.cpp
  hdl/expr.cpp
  hdl/instance.cpp
  hdl/literal.cpp
  hdl/module.cpp
  hdl/names.cpp
  hdl/primitives.cpp
  hdl/print.cpp
  hdl/scope.cpp
  hdl/select.cpp
  hdl/width.cpp
  hdl/writer.cpp)
