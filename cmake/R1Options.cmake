# Options of the build, and what holds for every target: standard, warnings, sanitizers, ccache.
# SPDX-License-Identifier: Apache-2.0

option(R1_ENABLE_MPI "Link the MPI transport; without it every program is one rank" ON)
option(R1_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(R1_WERROR "Treat warnings in our own code as errors" OFF)
set(R1_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")
option(R1_FUZZ "Link the programs of tests/fuzz with libFuzzer (clang alone)" OFF)
set(R1_SHARED_DATA_DIR "${PROJECT_SOURCE_DIR}/../shared/data"
  CACHE PATH "Reference data of the tests; tests that need it are skipped where it is absent")
set(R1_TEST_TIMEOUT_FACTOR 1 CACHE STRING "Multiplies the time limit of every test")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(R1_CCACHE ccache)
if(R1_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${R1_CCACHE})
endif()

if(R1_SANITIZE)
  add_compile_options(-fsanitize=${R1_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${R1_SANITIZE})
endif()

# Warnings of our own targets; nvcc's generated code is not held to the last two.
set(R1_WARNINGS -Wall -Wextra)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND R1_WARNINGS -Wno-restrict)  # false reports in std::string::insert and operator+
endif()
set(R1_HOST_WARNINGS -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  list(APPEND R1_HOST_WARNINGS -Wno-sign-conversion)  # gcc's -Wconversion holds no C++ source to it
endif()
