# SPDX-License-Identifier: Apache-2.0
# underpass_library, underpass_program, underpass_test, underpass_fuzz: one call a folder.
include(GoogleTest)

add_library(underpass_flags INTERFACE)
target_include_directories(underpass_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(underpass_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wshadow -Wconversion -Wsign-conversion -Werror=switch -fno-omit-frame-pointer
  $<$<BOOL:${UNDERPASS_WERROR}>:-Werror>)
if(UNDERPASS_SANITIZE)
  # What the sanitizers add confuses this one warning of g++ 12 (std::regex, std::function).
  target_compile_options(underpass_flags INTERFACE
    -fsanitize=${UNDERPASS_SANITIZE} -fno-sanitize-recover=all -Wno-maybe-uninitialized)
  target_link_options(underpass_flags INTERFACE -fsanitize=${UNDERPASS_SANITIZE})
endif()
# Another clone of the same sources hits the same cache: no path of the clone is in what is compiled.
find_program(UNDERPASS_CCACHE ccache)
if(UNDERPASS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${UNDERPASS_CCACHE})
endif()
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(UNDERPASS_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "UNDERPASS_FUZZ needs clang; configure with -DCMAKE_CXX_COMPILER=clang++-19")
  endif()
  target_compile_options(underpass_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(underpass_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(UNDERPASS_MOLD mold)
if(UNDERPASS_MOLD)
  target_link_options(underpass_flags INTERFACE -fuse-ld=mold)
endif()

# underpass_library(NAME [DEPS lib...] [PRIVATE_DEPS lib...])
# All *.cc of this folder (not of its subfolders) become a static library; headers only: an interface library.
function(underpass_library name)
  cmake_parse_arguments(arg "" "" "DEPS;PRIVATE_DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC underpass_flags ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE underpass_flags ${arg_DEPS})
  endif()
endfunction()

# underpass_program(NAME DEPS lib...): main.cc of this folder, built into build/bin.
function(underpass_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.cc)
    add_executable(${name} main.cc)
    target_link_libraries(${name} PRIVATE underpass_flags ${arg_DEPS})
  endif()
endfunction()

# underpass_test(NAME LABEL unit|integration|interop [DEPS lib...] [ENV VAR=value...])
# All *_test.cc of this folder in one executable; each gtest case is a ctest test.
function(underpass_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "DEPS;ENV" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE underpass_flags ${arg_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    UNDERPASS_SOURCE_DIR="${CMAKE_SOURCE_DIR}" UNDERPASS_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${arg_ENV}")
endfunction()

# underpass_fuzz(NAME DEPS lib...): tests/fuzz/NAME_fuzz.cc defines LLVMFuzzerTestOneInput; its corpus is
# tests/fuzz/corpus/NAME. Without UNDERPASS_FUZZ the target replays the corpus and is a ctest test of label unit.
function(underpass_fuzz name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  if(UNDERPASS_FUZZ)
    add_executable(fuzz_${name} ${name}_fuzz.cc)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(fuzz_${name} ${name}_fuzz.cc replay_main.cc)
    add_test(NAME FuzzCorpus.${name} COMMAND fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(FuzzCorpus.${name} PROPERTIES LABELS unit TIMEOUT 60)
  endif()
  target_link_libraries(fuzz_${name} PRIVATE underpass_flags ${arg_DEPS})
endfunction()
