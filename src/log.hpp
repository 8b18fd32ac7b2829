// The log: what the program does and with what, on stderr and in a file.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include "console.hpp"

namespace initsweep {

class Log {
 public:
  // `level` is trace, debug, info, warn, error or off, and holds for stderr; a file also gets debug lines. Throws
  // EnvironmentError if the file cannot be opened.
  Log(Console& console, std::string_view level, const std::string& file);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // A line each, whatever the text holds.
  void debug(const std::string& text);
  void info(const std::string& text);
  void warn(const std::string& text);
  void error(const std::string& text);

 private:
  struct Sinks;
  std::unique_ptr<Sinks> sinks_;
};

}  // namespace initsweep
