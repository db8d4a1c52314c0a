# One folder of deepq/ = one layer = one target. The link graph below is the include graph that tools/check_layers.py enforces.

# Compile options that every target of the project shares.
#  -Wno-restrict: GCC 12 finds overlaps in std::string that are not there (its bug 105329).
#  -ffp-contract=off: the same source gives the same bits in debug and release; only nn/kernels uses fused multiply-add, in so many words.
function(deepq_compile_options target)
  target_compile_options(${target} PRIVATE -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  if(DEEPQ_DEV)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(DEEPQ_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${DEEPQ_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${DEEPQ_SANITIZE})
  endif()
endfunction()

# For code that runs once and says things: pages, tables, commands. -O1 takes a quarter less of the compiler's time than
# -O3, and floating point gives the same bits (-ffp-contract=off).
function(deepq_runs_once target)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "wasm") # small already, by the preset's own -Oz
    return()
  endif()
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# deepq_layer(name DEPENDS layer... SOURCES file... TESTS file...)
function(deepq_layer name)
  cmake_parse_arguments(LAYER "" "" "DEPENDS;SOURCES;TESTS" ${ARGN})
  set(target deepq_${name})
  add_library(${target} STATIC ${LAYER_SOURCES})
  add_library(deepq::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${deepq_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  deepq_compile_options(${target})
  foreach(dependency ${LAYER_DEPENDS})
    target_link_libraries(${target} PUBLIC deepq_${dependency})
  endforeach()
  install(TARGETS ${target} EXPORT deepqTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  set_property(GLOBAL APPEND PROPERTY deepq_layers ${name})
  if(DEEPQ_BUILD_TESTS AND LAYER_TESTS)
    deepq_test(deepq_${name}_test LINK ${target} SOURCES ${LAYER_TESTS})
  endif()
endfunction()

# What nearly every test includes, compiled once: a test file takes a quarter less of the compiler's time. A program of its own holds it, because
# the compiler takes it only where it makes code of the same kind.
function(deepq_test_headers)
  file(CONFIGURE OUTPUT ${deepq_BINARY_DIR}/test_headers.cc CONTENT "int main() {}\n")
  add_executable(deepq_test_headers EXCLUDE_FROM_ALL ${deepq_BINARY_DIR}/test_headers.cc)
  target_link_libraries(deepq_test_headers PRIVATE GTest::gtest)
  target_precompile_headers(deepq_test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <cmath> <cstdint> <filesystem> <fstream> <functional> <limits> <map>
    <memory> <numeric> <optional> <set> <span> <sstream> <string> <thread> <variant> <vector>)
  deepq_test_options(deepq_test_headers)
endfunction()

# Tests say what the library computes, which is optimised as the build says; -O1 for their own lines takes a third less of the compiler's time.
function(deepq_test_options target)
  deepq_compile_options(${target})
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O1>)
  if(DEEPQ_SANITIZE)  # GCC 12 with sanitizers warns of std::regex itself (its bug 105562)
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
endfunction()

# deepq_test(name LINK target... SOURCES file... [LABEL slow])
function(deepq_test name)
  cmake_parse_arguments(TEST "" "LABEL" "LINK;SOURCES" ${ARGN})
  set(seconds 600)
  if(NOT TEST_LABEL)
    set(TEST_LABEL fast)
  elseif(TEST_LABEL STREQUAL slow)
    set(seconds 1800)  # trainings of minutes, beside others
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_LINK} GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE DEEPQ_GOLDEN_DIR="${deepq_SOURCE_DIR}/tests/golden")
  deepq_test_options(${name})
  if(NOT TARGET deepq_test_headers)
    deepq_test_headers()
  endif()
  target_precompile_headers(${name} REUSE_FROM deepq_test_headers)
  # Helpers of tests have equal names.
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${seconds})
endfunction()
