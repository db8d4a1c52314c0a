include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
deepq_headers(tomlplusplus::tomlplusplus toml++)
