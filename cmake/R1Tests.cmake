# Helpers that define tests. Labels: unit mpi gpu slow lint example reading torture slurm fuzz.
# SPDX-License-Identifier: Apache-2.0

# What every test runs under: ranks and threads may outnumber the cores, and root may start them (containers).
set(R1_TEST_ENVIRONMENT
  OMP_PROC_BIND=false
  OMP_WAIT_POLICY=passive
  KOKKOS_DISABLE_WARNINGS=true
  OMPI_ALLOW_RUN_AS_ROOT=1
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_rmaps_base_oversubscribe=1
  OMPI_MCA_hwloc_base_binding_policy=none
  OMPI_MCA_mpi_yield_when_idle=1
  OMPI_MCA_btl_vader_single_copy_mechanism=none
  "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")

# Sets what all tests share: environment, labels, cores taken, time limit.
function(r1_test_properties name)
  cmake_parse_arguments(arg "STARTS_MPI" "PROCESSORS;THREADS;TIMEOUT" "LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
    if("slow" IN_LIST arg_LABELS)
      set(arg_TIMEOUT 1200)
    endif()
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${R1_TEST_TIMEOUT_FACTOR}")
  set(environment ${R1_TEST_ENVIRONMENT} OMP_NUM_THREADS=${arg_THREADS})
  if(arg_STARTS_MPI)
    # Leaks of Open MPI start in modules that are unloaded by the time of the report: lsan.supp knows them only by
    # the whole stack, which the fast unwinder does not see.
    list(APPEND environment ASAN_OPTIONS=fast_unwind_on_malloc=0)
  endif()
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "${environment}"
    LABELS "${arg_LABELS}"
    PROCESSORS ${arg_PROCESSORS}
    TIMEOUT ${timeout})
endfunction()

# r1_add_test(NAME core.error SOURCES error_test.cpp DEPS r1::core
#             [RANKS 1 2 3 4] [LABELS slow gpu ...] [THREADS n] [TIMEOUT seconds] [NO_KOKKOS])
# A GoogleTest program. Without RANKS: one test, Kokkos running (tests/test_main.cpp), 2 threads. With RANKS: one test per
# count, named <name>.np<count>, MPI and Kokkos running (tests/mpi_main.cpp), 1 thread per rank.
function(r1_add_test)
  cmake_parse_arguments(arg "NO_KOKKOS" "NAME;THREADS;TIMEOUT" "SOURCES;DEPS;RANKS;LABELS" ${ARGN})
  string(REPLACE "." "_" target "test_${arg_NAME}")
  r1_existing_sources(sources ${target} ${arg_SOURCES})
  if(NOT sources)
    return()
  endif()
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gtest)
  target_compile_definitions(${target} PRIVATE
    R1_SHARED_DATA_DIR="${R1_SHARED_DATA_DIR}"
    R1_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    R1_BUILD_BIN_DIR="${PROJECT_BINARY_DIR}/bin")
  r1_own_code(${target})
  if(arg_RANKS)
    target_link_libraries(${target} PRIVATE r1_mpi_main)
    r1_add_rank_tests(${arg_NAME} ${target} "${arg_RANKS}" THREADS ${arg_THREADS}
      TIMEOUT ${arg_TIMEOUT} LABELS mpi ${arg_LABELS})
    return()
  endif()
  if(arg_NO_KOKKOS)
    target_link_libraries(${target} PRIVATE GTest::gtest_main)
  else()
    target_link_libraries(${target} PRIVATE r1_test_main)
  endif()
  if(NOT arg_THREADS)
    set(arg_THREADS 2)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${target})
  r1_test_properties(${arg_NAME} PROCESSORS 1 THREADS ${arg_THREADS} TIMEOUT ${arg_TIMEOUT}
    LABELS unit ${arg_LABELS})
endfunction()

# One test per number of ranks of a program that starts MPI itself.
function(r1_add_rank_tests name target ranks)
  cmake_parse_arguments(arg "" "THREADS;TIMEOUT" "LABELS" ${ARGN})
  if(NOT arg_THREADS)
    set(arg_THREADS 1)
  endif()
  if(NOT arg_TIMEOUT AND NOT "slow" IN_LIST arg_LABELS)
    set(arg_TIMEOUT 240)
  endif()
  foreach(count IN LISTS ranks)
    if(R1_ENABLE_MPI)
      add_test(NAME ${name}.np${count}
        COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${count} $<TARGET_FILE:${target}>)
    elseif(count EQUAL 1)
      add_test(NAME ${name}.np1 COMMAND ${target})
    else()
      continue()
    endif()
    r1_test_properties(${name}.np${count} STARTS_MPI PROCESSORS ${count} THREADS ${arg_THREADS}
      TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABELS})
  endforeach()
endfunction()

# r1_add_script_test(NAME lint.arrows COMMAND ... LABELS lint [TIMEOUT s] [PROCESSORS n] [THREADS n])
# A test that is a command line, run in the source folder. Exit code 77: skipped, its output says why.
function(r1_add_script_test)
  cmake_parse_arguments(arg "" "NAME;TIMEOUT;PROCESSORS;THREADS" "COMMAND;LABELS" ${ARGN})
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 1)
  endif()
  if(NOT arg_THREADS)
    set(arg_THREADS 1)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  r1_test_properties(${arg_NAME} STARTS_MPI PROCESSORS ${arg_PROCESSORS} THREADS ${arg_THREADS}
    TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABELS})
  set_tests_properties(${arg_NAME} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()
