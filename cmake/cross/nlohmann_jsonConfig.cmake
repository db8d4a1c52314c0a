include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
deepq_headers(nlohmann_json::nlohmann_json nlohmann)
