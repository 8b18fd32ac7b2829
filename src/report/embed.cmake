# Writes OUTPUT, the C++ file that holds what the report page is made of. Run by the build:
#
#   cmake -DSOURCE=src/report -DCHARTS=<folder of npm ci, or empty> -DOUTPUT=report_assets.cpp -P embed.cmake
#
# Of the libraries the builds for a <script> element that are in their packages, as they are.
set(page ${SOURCE}/page.mustache)
set(css ${SOURCE}/report.css)
file(GLOB scripts ${SOURCE}/*.js)
list(REMOVE_ITEM scripts ${SOURCE}/page.js ${SOURCE}/start.js)
list(SORT scripts)
set(scripts ${SOURCE}/page.js ${scripts} ${SOURCE}/start.js)  # what all use first, what runs them last
set(vega "")
if(CHARTS)
  set(vega ${CHARTS}/node_modules/vega/build/vega.min.js ${CHARTS}/node_modules/vega-lite/build/vega-lite.min.js)
  file(READ ${CHARTS}/node_modules/vega/LICENSE license)  # of both, which asks to go with every copy
  file(WRITE ${OUTPUT}.license.js "/*! Vega and Vega-Lite\n\n${license}*/\n")
  list(PREPEND vega ${OUTPUT}.license.js)
endif()

# Raw strings of C++. Where its source map would be is left out of a script: nobody has it.
function(embed name)
  set(text "")
  foreach(file ${ARGN})
    file(READ ${file} content)
    string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" content "${content}")
    if(content MATCHES "[)]end_of_asset\"" OR (file MATCHES "[.]js$" AND content MATCHES "</script"))
      message(FATAL_ERROR "${file} holds a text that would end its string in C++, or its element of the page")
    endif()
    string(APPEND text "${content}\n")
  endforeach()
  file(APPEND ${OUTPUT} "  if (name == \"${name}\") return R\"end_of_asset(${text})end_of_asset\";\n")
endfunction()

file(WRITE ${OUTPUT} "#include \"report_assets.hpp\"\n\nnamespace initsweep {\n\nstd::string_view report_asset(std::string_view name) {\n")
embed(page.mustache ${page})
embed(report.css ${css})
embed(report.js ${scripts})
embed(vega.js ${vega})
file(APPEND ${OUTPUT} "  return {};\n}\n\n}  // namespace initsweep\n")
