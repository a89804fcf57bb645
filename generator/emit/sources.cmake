# SPDX-License-Identifier: Apache-2.0
# The hand-written modules of rtl/ travel inside the binary, so that it works without the sources.
set(HASSE_PRIMITIVES ram_1r1w stream_fifo stream_skid)
list(TRANSFORM HASSE_PRIMITIVES PREPEND ${PROJECT_SOURCE_DIR}/rtl/ OUTPUT_VARIABLE HASSE_PRIMITIVE_FILES)
list(TRANSFORM HASSE_PRIMITIVE_FILES APPEND .v)
set(HASSE_EMBEDDED ${CMAKE_CURRENT_BINARY_DIR}/emit/embedded.cpp)

add_custom_command(
  OUTPUT ${HASSE_EMBEDDED}
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${HASSE_EMBEDDED} "-DFILES=${HASSE_PRIMITIVE_FILES}"
          -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/embed.cmake ${HASSE_PRIMITIVE_FILES}
  COMMENT "Embedding rtl/"
  VERBATIM)

list(APPEND HASSE_GENERATOR_SOURCES
  emit/bundle.cpp
  emit/digest.cpp
  emit/directory.cpp
  emit/fusesoc.cpp
  emit/manifest.cpp
  emit/memory_layout.cpp
  emit/order.cpp
  emit/pages.cpp
  emit/primitives.cpp
  emit/registers.cpp
  emit/version.cpp
  emit/waves.cpp
  ${HASSE_EMBEDDED})
set_source_files_properties(emit/version.cpp PROPERTIES
  COMPILE_DEFINITIONS HASSE_VERSION="${PROJECT_VERSION}")
