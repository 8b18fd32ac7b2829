# What cpack reads before it begins. Without dpkg-shlibdeps it would make a package that asks for no libraries.
cmake_minimum_required(VERSION 3.25)
find_program(SHLIBDEPS dpkg-shlibdeps)
if(NOT SHLIBDEPS)
  message(FATAL_ERROR "dpkg-shlibdeps is missing, and tells what the package depends on: apt-get install dpkg-dev")
endif()
