# Builds and runs the consumer against the installed library (MODE=find_package) or the source (MODE=add_subdirectory).
# cmake -DMODE=... -DSOURCE=... -DBUILD=... -DWORK=... -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()
file(REMOVE_RECURSE ${WORK})
set(consumer ${SOURCE}/tests/install/consumer)
if(MODE STREQUAL "find_package")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
  run(${CMAKE_COMMAND} -S ${consumer} -B ${WORK}/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${WORK}/prefix)
else()
  # Without -g, which takes a fifth of the compiler's time, and as a unity build, which halves it and may be what the project
  # around us is. Without the vector kernels, which are compiled alike in every build: another fifth, and the library without them is
  # compiled here alone.
  run(${CMAKE_COMMAND} -S ${consumer} -B ${WORK}/build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DDEEPQ_ENGINE=plain
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DDEEPQ_SOURCE=${SOURCE})
endif()
run(${CMAKE_COMMAND} --build ${WORK}/build --target consumer signatures)
if(MODE STREQUAL "find_package")
  run(${CMAKE_COMMAND} --build ${WORK}/build --target public_headers)
endif()
run(${WORK}/build/consumer)
if(MODE STREQUAL "find_package")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/act --component act)
  run(${CMAKE_COMMAND} -S ${SOURCE}/tests/install/acting -B ${WORK}/build-act -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${WORK}/act)
  run(${CMAKE_COMMAND} --build ${WORK}/build-act)
  run(${WORK}/build-act/acting)
  # What the program says of itself is installed too, and builds without CMake find the library.
  foreach(file bin/deepq share/man/man1/deepq.1 share/bash-completion/completions/deepq share/zsh/site-functions/_deepq
      share/fish/vendor_completions.d/deepq.fish)
    file(SIZE ${WORK}/prefix/${file} size)
    if(size LESS 1000)
      message(FATAL_ERROR "${file} has ${size} bytes")
    endif()
  endforeach()
  find_program(pkg_config pkg-config REQUIRED)
  # Where the installation is moved to, the file finds it.
  file(RENAME ${WORK}/prefix ${WORK}/moved)
  file(GLOB_RECURSE pc ${WORK}/moved/deepq.pc)
  cmake_path(GET pc PARENT_PATH folder)
  set(ENV{PKG_CONFIG_PATH} ${folder})
  execute_process(COMMAND ${pkg_config} --cflags --libs deepq OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY)
  if(flags MATCHES "-std=")
    message(FATAL_ERROR "${pc} says which standard: ${flags}")
  endif()
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(c++ -std=c++20 ${consumer}/main.cc -o ${WORK}/by_pkg_config ${flags})
  run(${WORK}/by_pkg_config)
endif()
# One preset for each algorithm and kind of network and value, but for implicit values (iqn: eight seconds).
execute_process(COMMAND ${WORK}/build/signatures chapter mountaincar rainbow qr-dqn munchausen pqn minatar-pqn
  OUTPUT_FILE ${WORK}/signatures.txt COMMAND_ERROR_IS_FATAL ANY)
