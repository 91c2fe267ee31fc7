# The installed package: find_package(r1) gives r1::core, r1::comm, r1::io, r1::md, r1::ml.
# SPDX-License-Identifier: Apache-2.0

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/r1)
configure_package_config_file(cmake/r1Config.cmake.in ${PROJECT_BINARY_DIR}/r1Config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/r1ConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT r1Targets NAMESPACE r1:: DESTINATION ${package_dir})
install(FILES
  ${PROJECT_BINARY_DIR}/r1Config.cmake
  ${PROJECT_BINARY_DIR}/r1ConfigVersion.cmake
  cmake/FindCublasLt.cmake
  cmake/FindCudnn.cmake
  cmake/FindDnnl.cmake
  cmake/FindOpenBlasOpenMP.cmake
  cmake/FindPLplot.cmake
  cmake/FindRandom123.cmake
  cmake/FindxxHash.cmake
  DESTINATION ${package_dir})
