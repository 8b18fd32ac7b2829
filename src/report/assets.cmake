# Makes report_assets.cpp of what the report page consists of. Its charts are drawn by Vega-Lite, which npm brings, once
# for a build folder; without npm or a network pages have still pictures instead.
option(INITSWEEP_CHARTS "Put Vega-Lite into the program, so that charts of reports can be filtered and clicked" ON)
set(report_folder ${CMAKE_CURRENT_LIST_DIR})
set(charts ${PROJECT_BINARY_DIR}/charts)
if(INITSWEEP_CHARTS)
  find_program(INITSWEEP_NPM npm)
  file(COPY ${report_folder}/package.json ${report_folder}/package-lock.json ${report_folder}/.npmrc DESTINATION ${charts})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${report_folder}/package-lock.json)
  file(SHA256 ${report_folder}/package-lock.json charts_wanted)
  set(charts_there "")
  if(EXISTS ${charts}/installed)
    file(READ ${charts}/installed charts_there)
  endif()
  if(INITSWEEP_NPM AND NOT charts_there STREQUAL charts_wanted)
    message(STATUS "Getting Vega-Lite with npm")
    execute_process(COMMAND ${INITSWEEP_NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
        --fetch-retries=1 --fetch-retry-mintimeout=1000
      WORKING_DIRECTORY ${charts} RESULT_VARIABLE npm_failed OUTPUT_QUIET)
    if(NOT npm_failed)
      file(WRITE ${charts}/installed ${charts_wanted})
      set(charts_there ${charts_wanted})
    endif()
  endif()
  if(NOT charts_there STREQUAL charts_wanted)
    message(NOTICE "npm could not bring Vega-Lite: reports will have still pictures. Configure again with npm and a network for charts that can be filtered and clicked.")
    set(charts "")
  endif()
else()
  set(charts "")
endif()
set(charts_mark)
if(charts)
  set(charts_mark ${charts}/installed)
endif()
file(GLOB report_parts CONFIGURE_DEPENDS ${report_folder}/*.js ${report_folder}/*.css ${report_folder}/*.mustache)
add_custom_command(OUTPUT report_assets.cpp
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${report_folder} -DCHARTS=${charts} -DOUTPUT=report_assets.cpp
    -P ${report_folder}/embed.cmake
  DEPENDS ${report_parts} ${report_folder}/embed.cmake ${charts_mark}
  COMMENT "Embedding the report page")
