# kernel_sources: what the kernels are made of here, with what each file is compiled by, in the folder that includes this; and
# deepq_kernel_options(target) for a target that has them. DEEPQ_KERNELS_OPTIMISED: -O3, or what the folder has set.

# The vector tables of this machine (select.cc chooses among them at run time), and for which of its CPUs each is compiled.
set(vector_kernels baseline)
if(DEEPQ_ENGINE STREQUAL "auto")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(vector_kernels avx512 avx512_strict avx2 avx2_strict baseline)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64|ARM64")
    set(vector_kernels neon neon_strict)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "wasm")
    set(vector_kernels wasm)
  endif()
endif()

set(kernel_sources)
foreach(name flush_denormals plain select ${vector_kernels})
  list(APPEND kernel_sources ${CMAKE_CURRENT_LIST_DIR}/${name}.cc)
endforeach()

# Kernels are optimised alike in every build type, so that debug and release give the same bits.
if(NOT DEFINED DEEPQ_KERNELS_OPTIMISED)
  set(DEEPQ_KERNELS_OPTIMISED -O3)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "wasm")  # a page would carry 14 kB more, for no update a second more
    set(DEEPQ_KERNELS_OPTIMISED -Oz)
  endif()
endif()
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/plain.cc PROPERTIES COMPILE_OPTIONS "${DEEPQ_KERNELS_OPTIMISED};-fno-math-errno")
foreach(table ${vector_kernels})
  set(options ${DEEPQ_KERNELS_OPTIMISED} -fno-math-errno -Wno-psabi)  # vectors wider than registers are no argument of a function that others call
  if(table MATCHES "avx512")
    list(APPEND options -march=x86-64-v4 -mprefer-vector-width=512)
  elseif(table MATCHES "avx2")
    list(APPEND options -march=x86-64-v3)
  endif()
  # Clang 22 (16 does not) loads all factors of a step of a tile before it multiplies, and these sets lack the registers for that: an AVX2 update
  # of 64-64 took 1.6 times as long.
  if(table MATCHES "avx2|baseline" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 17)
    list(APPEND options -mllvm -enable-misched=false)
  endif()
  if(table MATCHES "^(avx512|avx2|neon)$")  # all others are strict: no product and sum become one
    list(APPEND options -ffp-contract=fast)
  endif()
  set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/${table}.cc PROPERTIES COMPILE_OPTIONS "${options}")
endforeach()

function(deepq_kernel_options target)
  if(DEEPQ_ENGINE STREQUAL "auto")
    target_compile_definitions(${target} PRIVATE DEEPQ_VECTOR_KERNELS)
  endif()
endfunction()
