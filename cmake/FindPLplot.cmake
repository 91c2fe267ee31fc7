# PLplot, which draws io/plot.cpp's pictures; the package that it brings asks for Qt, which only its windows need. Defines
# PLplot::PLplot.
# SPDX-License-Identifier: Apache-2.0
find_path(PLplot_INCLUDE_DIR plplot/plplot.h)
find_library(PLplot_LIBRARY plplot)
mark_as_advanced(PLplot_INCLUDE_DIR PLplot_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PLplot REQUIRED_VARS PLplot_LIBRARY PLplot_INCLUDE_DIR)
if(PLplot_FOUND AND NOT TARGET PLplot::PLplot)
  add_library(PLplot::PLplot UNKNOWN IMPORTED)
  set_target_properties(PLplot::PLplot PROPERTIES
    IMPORTED_LOCATION ${PLplot_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${PLplot_INCLUDE_DIR})
endif()
