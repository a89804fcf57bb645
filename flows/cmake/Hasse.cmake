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

# The headers that cost most to parse, and that most sources include.
set(HASSE_COSTLY_HEADERS <fmt/format.h> <filesystem> <fstream> <map> <span>)

# hasse_precompile(NAME [LIGHT] [JSON] [GTEST]): they are parsed once for all targets of the same
# options. LIGHT: what spends its time elsewhere, compiled quickly in a release. JSON, GTEST: what
# costs a second of every source that does not use it, so only where most do.
function(hasse_precompile NAME)
  cmake_parse_arguments(ARG "LIGHT;JSON;GTEST" "" "" ${ARGN})
  list(JOIN ARGN _ options)
  string(TOLOWER hasse_headers_${options} headers)
  if(NOT TARGET ${headers})
    file(CONFIGURE OUTPUT ${headers}.cpp CONTENT "")
    add_library(${headers} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${headers}.cpp)
    target_link_libraries(${headers} PRIVATE fmt::fmt hasse_warnings)
    target_precompile_headers(${headers} PRIVATE ${HASSE_COSTLY_HEADERS})
    if(ARG_LIGHT)
      target_compile_options(${headers} PRIVATE $<$<CONFIG:Release>:-O1>)
    endif()
    if(ARG_JSON)
      target_link_libraries(${headers} PRIVATE nlohmann_json::nlohmann_json)
      target_precompile_headers(${headers} PRIVATE <nlohmann/json.hpp>)
    endif()
    if(ARG_GTEST)
      target_link_libraries(${headers} PRIVATE GTest::gtest)
      target_precompile_headers(${headers} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    endif()
  endif()
  if(ARG_LIGHT)
    target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_precompile_headers(${NAME} REUSE_FROM ${headers})
endfunction()

# hasse_library(NAME SOURCES a.cpp ... LIBS x ... [WITHOUT_JSON] [OWN_FLAGS]): a static library that
# sees the repository root; a floor sets HASSE_LIGHT to LIGHT for all of its own. OWN_FLAGS: compiled
# unlike the others.
function(hasse_library NAME)
  cmake_parse_arguments(ARG "WITHOUT_JSON;OWN_FLAGS" "" "SOURCES;LIBS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(${NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PUBLIC ${ARG_LIBS} PRIVATE hasse_warnings)
  if(ARG_OWN_FLAGS)
    target_precompile_headers(${NAME} PRIVATE ${HASSE_COSTLY_HEADERS})
  elseif(ARG_WITHOUT_JSON)
    hasse_precompile(${NAME} ${HASSE_LIGHT})
  else()
    hasse_precompile(${NAME} ${HASSE_LIGHT} JSON)
  endif()
endfunction()

# hasse_test(NAME SOURCES a_test.cpp ... LIBS x ... [LABELS l] [TIMEOUT s] [WITHOUT_JSON]): a
# GoogleTest binary, its cases known to ctest.
function(hasse_test NAME)
  cmake_parse_arguments(ARG "WITHOUT_JSON" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT HASSE_BUILD_TESTS)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LIBS} GTest::gtest_main GTest::gmock hasse_warnings)
  target_compile_definitions(${NAME} PRIVATE HASSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(ARG_WITHOUT_JSON)
    hasse_precompile(${NAME} LIGHT GTEST)
  else()
    hasse_precompile(${NAME} LIGHT JSON GTEST)
  endif()
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
