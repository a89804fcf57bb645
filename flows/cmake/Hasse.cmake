# SPDX-License-Identifier: Apache-2.0
# The three kinds of target Hasse has: a floor (library), a test binary, a benchmark binary.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers can be cached, too, when ccache is told not to mind their time stamps.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(hasse_warnings INTERFACE)
target_compile_options(hasse_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(HASSE_WERROR)
  target_compile_options(hasse_warnings INTERFACE -Werror)
endif()

# The headers that cost most to parse, and that most sources include, are parsed once for all libraries
# and once for all tests, which are compiled with other flags.
set(HASSE_COSTLY_HEADERS <nlohmann/json.hpp> <fmt/format.h>)

# hasse_precompiled(NAME HEADERS <h> ... LIBS x ...): what others reuse headers from.
function(hasse_precompiled NAME)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBS" ${ARGN})
  file(CONFIGURE OUTPUT ${NAME}.cpp CONTENT "")
  add_library(${NAME} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.cpp)
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} hasse_warnings)
  target_precompile_headers(${NAME} PRIVATE ${ARG_HEADERS})
endfunction()

# hasse_library(NAME SOURCES a.cpp ... LIBS x ... [OWN_FLAGS]): a static library that sees the
# repository root. OWN_FLAGS: compiled unlike the others.
function(hasse_library NAME)
  cmake_parse_arguments(ARG "OWN_FLAGS" "" "SOURCES;LIBS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(${NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PUBLIC ${ARG_LIBS} PRIVATE hasse_warnings)
  if(ARG_OWN_FLAGS)
    target_precompile_headers(${NAME} PRIVATE ${HASSE_COSTLY_HEADERS})
    return()
  endif()
  if(NOT TARGET hasse_library_headers)
    hasse_precompiled(hasse_library_headers HEADERS ${HASSE_COSTLY_HEADERS}
      LIBS nlohmann_json::nlohmann_json fmt::fmt)
  endif()
  target_precompile_headers(${NAME} REUSE_FROM hasse_library_headers)
endfunction()

# hasse_test(NAME SOURCES a_test.cpp ... LIBS x ... [LABELS l] [TIMEOUT s]): a GoogleTest binary, its cases known to ctest.
function(hasse_test NAME)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT HASSE_BUILD_TESTS)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} GTest::gtest_main GTest::gmock hasse_warnings)
  target_compile_definitions(${NAME} PRIVATE HASSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # Tests spend their time in the libraries: compile them quickly.
  if(NOT TARGET hasse_test_headers)
    hasse_precompiled(hasse_test_headers HEADERS ${HASSE_COSTLY_HEADERS} <gtest/gtest.h>
      LIBS nlohmann_json::nlohmann_json fmt::fmt GTest::gtest)
    target_compile_options(hasse_test_headers PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_precompile_headers(${NAME} REUSE_FROM hasse_test_headers)
  gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# hasse_benchmark(NAME SOURCES a_benchmark.cpp ... LIBS x ...): a Google Benchmark binary, not a test.
function(hasse_benchmark NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  if(NOT HASSE_BUILD_TESTS)
    return()
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} benchmark::benchmark_main hasse_warnings)
  target_compile_definitions(${NAME} PRIVATE HASSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()
