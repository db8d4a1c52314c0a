# Debian packages: cpack -G DEB in a build folder makes deepq (the program) and libdeepq-dev (headers, static library, CMake and pkg-config
# files). The Python package is a wheel (tools/wheels.sh).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The deepq authors <deepq@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME deepq)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Trains agents by deep Q-learning and its variants, goes on with stopped runs\nbit for bit, evaluates, shows, compares and exports them.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdeepq-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libtomlplusplus-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers and static library: trains agents inside a C++ program, and acts with\ntrained ones.")
# Debian's zsh looks for a package's completion in a folder of its own.
install(FILES ${CMAKE_BINARY_DIR}/cli/printed/_deepq DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program
  EXCLUDE_FROM_ALL OPTIONAL)
include(CPack)
