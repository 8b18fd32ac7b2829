# Has the program write its manual and completions: cmake -DGZIP=... -DFOLDER=... -P write_manual.cmake -- PROGRAM...
# PROGRAM may be an emulator with the program behind it.
cmake_minimum_required(VERSION 3.25)
set(program)
set(is_behind FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(is_behind)
    list(APPEND program ${CMAKE_ARGV${i}})
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(is_behind TRUE)
  endif()
endforeach()

file(MAKE_DIRECTORY ${FOLDER})
function(write file)
  execute_process(COMMAND ${program} ${ARGN} OUTPUT_FILE ${FOLDER}/${file} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${program} does not run on this machine (${failed}), so it cannot write its ${file}. "
      "Build for this machine's processor, or without manual and completions: cmake -DINITSWEEP_MANUAL=OFF")
  endif()
endfunction()
write(initsweep.1 --man)
write(initsweep.bash completion bash)
write(_initsweep completion zsh)
write(initsweep.fish completion fish)
# Without name and time, so that the same page is the same file.
execute_process(COMMAND ${GZIP} -9nf ${FOLDER}/initsweep.1 COMMAND_ERROR_IS_FATAL ANY)
