#include "log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <algorithm>
#include <mutex>

#include "initsweep/diagnostic.hpp"

namespace initsweep {
namespace {

// Through the console, so that lines and the progress bar do not tear each other.
class ConsoleSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit ConsoleSink(Console& console) : console_(console) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    console_.say(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}
  Console& console_;
};

}  // namespace

struct Log::Sinks {
  spdlog::logger logger{"initsweep"};
};

Log::Log(Console& console, std::string_view level, const std::string& file) : sinks_(std::make_unique<Sinks>()) {
  const auto on_stderr = std::make_shared<ConsoleSink>(console);
  on_stderr->set_pattern("[%T] %l: %v");
  on_stderr->set_level(spdlog::level::from_str(std::string(level)));
  sinks_->logger.sinks().push_back(on_stderr);
  sinks_->logger.set_level(on_stderr->level());
  if (file.empty()) return;
  try {
    const auto in_file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    in_file->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
    sinks_->logger.sinks().push_back(in_file);
  } catch (const spdlog::spdlog_ex& error) {
    throw EnvironmentError(printable(file) + ": error: cannot open the log file: " + error.what());
  }
  sinks_->logger.set_level(std::min(on_stderr->level(), spdlog::level::debug));
  sinks_->logger.flush_on(spdlog::level::info);
}

Log::~Log() = default;

void Log::debug(const std::string& text) { sinks_->logger.debug(printable(text)); }
void Log::info(const std::string& text) { sinks_->logger.info(printable(text)); }
void Log::warn(const std::string& text) { sinks_->logger.warn(printable(text)); }
void Log::error(const std::string& text) { sinks_->logger.error(printable(text)); }

}  // namespace initsweep
