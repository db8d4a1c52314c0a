# What a toolchain file includes so that find_package finds the headers and sources of the build machine's packages, as they hold no code for one
# kind of machine; the packages' own CMake files would add libraries and folders that are the build machine's.
foreach(package CLI11 GTest nlohmann_json tomlplusplus)
  set(${package}_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE PATH "" FORCE)
endforeach()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
