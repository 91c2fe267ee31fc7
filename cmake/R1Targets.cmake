# Helpers that define targets; every folder's CMakeLists.txt is a list of calls to them, with the sources listed by hand.
# SPDX-License-Identifier: Apache-2.0

include(GNUInstallDirs)

# Warnings of our own code; private, so that users of the installed library do not inherit them.
function(r1_own_code target)
  target_compile_options(${target} PRIVATE ${R1_WARNINGS})
  # nvcc generates code that gcc warns of; the host presets hold the same sources to -Werror.
  if(R1_WERROR AND NOT R1_DEVICE STREQUAL "CUDA")
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# Sources whose sums must come out the same in every compiler: no fused multiply-add that the source does not spell.
function(r1_no_fp_contract)
  # Without errno, square roots of four lanes are one instruction.
  set(flags -ffp-contract=off -fno-math-errno)
  if(R1_DEVICE STREQUAL "CUDA")
    list(APPEND flags -fmad=false)
  endif()
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS ${flags})
endfunction()

# The sources in `result`; all that are listed must be there.
function(r1_existing_sources result name)
  set(found)
  foreach(source IN LISTS ARGN)
    get_filename_component(path ${source} ABSOLUTE)
    if(EXISTS ${path})
      list(APPEND found ${source})
    else()
      message(FATAL_ERROR "${name}: ${source} is not there")
    endif()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# Under nvcc, sources that reach no Kokkos header go to the host compiler alone: faster, and free of nvcc's limits. Not for
# tests: nvcc_wrapper mangles quoted definitions on that way.
function(r1_keep_from_nvcc)
  if(NOT R1_DEVICE STREQUAL "CUDA")
    return()
  endif()
  list(TRANSFORM ARGN REPLACE "^([^/].*)$" "${CMAKE_CURRENT_SOURCE_DIR}/\\1" OUTPUT_VARIABLE paths)
  list(JOIN paths "\n" lines)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/sources.txt "${lines}\n")
  execute_process(COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tests/lint/without_kokkos.py
    INPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/sources.txt OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "\n" ";" paths "${lines}")
  list(REMOVE_ITEM paths "")
  if(paths)
    set_property(SOURCE ${paths} APPEND PROPERTY COMPILE_OPTIONS --host-only)
  endif()
endfunction()

# r1_add_library(name SOURCES a.cpp ... DEPS targets in the headers ... PRIVATE_DEPS targets in the sources alone ...)
# makes r1_<name>, alias r1::<name>, whose headers are included from the root: #include "<name>/x.hpp".
function(r1_add_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target r1_${name})
  r1_existing_sources(sources ${target} ${arg_SOURCES})
  if(sources)
    r1_keep_from_nvcc(${sources})
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_DEPS})
    target_compile_features(${target} PUBLIC cxx_std_20)
    r1_own_code(${target})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(r1::${name} ALIAS ${target})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/r1>)
  target_link_libraries(${target} ${scope} ${arg_DEPS})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ${target} EXPORT r1Targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/r1/${folder}
    FILES_MATCHING PATTERN "*.hpp")
endfunction()

# r1_add_program(name SOURCES a.cpp ... DEPS targets ...): build/<preset>/bin/<name>
function(r1_add_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  r1_existing_sources(sources ${name} ${arg_SOURCES})
  if(NOT sources)
    return()
  endif()
  r1_keep_from_nvcc(${sources})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  r1_own_code(${name})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
