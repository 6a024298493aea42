# SPDX-License-Identifier: Apache-2.0
# Debian ships xmlrpc-c without CMake or pkg-config files: asks its own xmlrpc-c-config.
# Only the marshalling is used (DEPENDENCIES in server/ARCHITECTURE.md): gives XmlrpcC::client.
find_program(XMLRPC_C_CONFIG xmlrpc-c-config)
find_path(XMLRPC_C_INCLUDE_DIR xmlrpc-c/xml.hpp)
find_library(XMLRPC_C_CXX_LIBRARY NAMES xmlrpc++)
if(XMLRPC_C_CONFIG)
  execute_process(COMMAND "${XMLRPC_C_CONFIG}" c++2 client --libs
    OUTPUT_VARIABLE XMLRPC_C_LIBS OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(XmlrpcC REQUIRED_VARS XMLRPC_C_CONFIG XMLRPC_C_INCLUDE_DIR
  XMLRPC_C_CXX_LIBRARY)

if(XmlrpcC_FOUND AND NOT TARGET XmlrpcC::client)
  separate_arguments(XMLRPC_C_LIBS UNIX_COMMAND "${XMLRPC_C_LIBS}")
  add_library(XmlrpcC::client INTERFACE IMPORTED)
  set_target_properties(XmlrpcC::client PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${XMLRPC_C_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${XMLRPC_C_LIBS}")
endif()
