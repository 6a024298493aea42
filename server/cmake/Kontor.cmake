# SPDX-License-Identifier: Apache-2.0
# How a target of this project is made: one folder, one library, one namespace.
# Flags that a person may want to choose (sanitizers, optimisation) live in CMakePresets.json.
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# -O2 and thin debug information: full -g doubles the time to compile and link for nothing that
# a stack trace needs.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -D_GLIBCXX_ASSERTIONS")

find_program(KONTOR_CCACHE ccache)
if(KONTOR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${KONTOR_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${KONTOR_CCACHE}")
endif()
find_program(KONTOR_MOLD mold)
if(KONTOR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf REQUIRED) # module mode, before gRPC's own configuration
find_package(gRPC CONFIG REQUIRED)
find_package(CURL REQUIRED)

# kontor_add_library(<name> [PREFIX <path>] SOURCES ... [DEPS ...] [PRIVATE_DEPS ...])
# Makes kontor_<name> and its alias kontor::<name>. Includes are written from the top folder.
function(kontor_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(kontor_${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    kontor_warnings(kontor_${name})
    target_link_libraries(kontor_${name} PRIVATE ${ARG_PRIVATE_DEPS})
  else()
    add_library(kontor_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(kontor::${name} ALIAS kontor_${name})
  target_include_directories(kontor_${name} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(kontor_${name} ${scope} ${ARG_DEPS})
endfunction()

# kontor_add_program(<name> SOURCES ... DEPS ...): a program in build/bin.
function(kontor_add_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  kontor_warnings(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
endfunction()

function(kontor_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-qual)
  if(KONTOR_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# kontor_add_test(<name> LABEL <ring> SOURCES ... DEPS ... [TIMEOUT s] [ENV ...])
# A Boost.Test program in build/bin, run by CTest under the label of its ring.
function(kontor_add_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS;ENV" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  kontor_warnings(${name})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} Boost::unit_test_framework)
  add_test(NAME ${name} COMMAND ${name} --log_level=error --report_level=short
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77 ENVIRONMENT "${ARG_ENV}")
endfunction()

# kontor_add_python_test(<name> LABEL <ring> SCRIPT <path> [ARGS ...] [TIMEOUT s] [ENV ...])
# Runs a script with the system's Python; exit code 77 counts as skipped.
function(kontor_add_python_test name)
  cmake_parse_arguments(ARG "" "LABEL;SCRIPT;TIMEOUT" "ARGS;ENV" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND "${KONTOR_PYTHON}" "${ARG_SCRIPT}" ${ARG_ARGS}
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "KONTOR_BUILD_DIR=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1;${ARG_ENV}")
endfunction()

if(KONTOR_TESTS)
  find_package(Boost 1.81 REQUIRED COMPONENTS unit_test_framework)
  find_program(KONTOR_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
  if(NOT KONTOR_PYTHON)
    find_program(KONTOR_PYTHON NAMES python3 REQUIRED)
  endif()
else()
  find_package(Boost 1.81 REQUIRED)
endif()
