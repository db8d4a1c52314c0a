# Another machine's or version's Python, of which there are only headers: Python_VERSION and Python_INCLUDE_DIRS are told. Python_EXECUTABLE is this
# machine's, which says where nanobind's sources lie and runs nothing else.
set(Python_FOUND TRUE)
set(Python_INTERPRETER_ID Python)
string(REPLACE "." "" digits ${Python_VERSION})
set(Python_SOABI cpython-${digits}-${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
set(Python_SOSABI abi3)
# With SABIModule nanobind makes modules of the stable ABI, which for it begins with 3.12.
foreach(target Interpreter Module SABIModule)
  if(NOT TARGET Python::${target})
    add_library(Python::${target} INTERFACE IMPORTED)
    target_include_directories(Python::${target} SYSTEM INTERFACE ${Python_INCLUDE_DIRS})
  endif()
endforeach()
