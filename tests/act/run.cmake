# deepq::act for a Cortex-A: the example is cross-compiled with that library alone, linked statically, and run in qemu by agents that the program has just
# trained and exported in strict arithmetic. It must say what the native example says, to the last bit, and weigh less than 300 KB more than the same program without an agent.
# cmake -DSOURCE=... -DDEEPQ=<program> -DNATIVE=<example> -DQEMU=... -DWORK=... -P run.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

# Pages of 4 KB, as such machines have them: for the linker's own 64 KB a file is filled up with as many zeros, less or more from one change to the next.
set(pages -Wl,-z,max-page-size=4096)
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -DCMAKE_TOOLCHAIN_FILE=${SOURCE}/cmake/aarch64.cmake -DCMAKE_BUILD_TYPE=Release
  -DDEEPQ_ONLY_ACT=ON -DDEEPQ_BUILD_EXAMPLES=ON "-DCMAKE_EXE_LINKER_FLAGS=-static ${pages}")
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(aarch64-linux-gnu-g++ -Os -std=c++20 -static ${pages} -Wl,--gc-sections -I${SOURCE} ${SOURCE}/examples/act.cc ${SOURCE}/tests/act/no_agent.cc -o ${WORK}/empty)
run(aarch64-linux-gnu-strip ${WORK}/empty)
run(aarch64-linux-gnu-strip ${WORK}/build/examples/act -o ${WORK}/act)
file(SIZE ${WORK}/act act)
file(SIZE ${WORK}/empty empty)
math(EXPR growth "(${act} - ${empty}) / 1000")
message(STATUS "deepq::act adds ${growth} KB to a static program for aarch64")
if(growth GREATER_EQUAL 300)
  message(FATAL_ERROR "that is too much: at most 299 KB")
endif()

foreach(preset chapter rainbow munchausen qr-dqn iqn minatar)
  file(REMOVE_RECURSE ${WORK}/${preset})
  run(${DEEPQ} train --preset ${preset} --set train.arithmetic=strict eval.final_episodes=0 eval.every_env_steps=0 train.learning_starts_env_steps=200 --steps 1200 --out ${WORK}/${preset} --quiet)
  run(${DEEPQ} export ${WORK}/${preset} --safetensors ${WORK}/${preset}/agent.safetensors)
  foreach(machine native aarch64)
    set(emulator)
    set(program ${NATIVE})
    if(machine STREQUAL aarch64)
      set(emulator ${QEMU})
      set(program ${WORK}/act)
    endif()
    execute_process(COMMAND ${emulator} ${program} ${WORK}/${preset}/agent.safetensors --sample OUTPUT_VARIABLE said_${machine} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  if(NOT said_native STREQUAL said_aarch64 OR said_native STREQUAL "")
    message(FATAL_ERROR "${preset}: natively\n${said_native}for aarch64\n${said_aarch64}")
  endif()
endforeach()

# A file that was cut off: an error, and no crash.
execute_process(COMMAND head -c 5000 ${WORK}/chapter/agent.safetensors OUTPUT_FILE ${WORK}/cut COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${QEMU} ${WORK}/act ${WORK}/cut RESULT_VARIABLE status ERROR_VARIABLE error)
if(NOT status EQUAL 2 OR NOT error MATCHES "^act: safetensors: ")
  message(FATAL_ERROR "a file that was cut off: status ${status}, ${error}")
endif()
