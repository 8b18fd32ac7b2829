// The nets that are timed, on MNIST, and how two processes start their timed part together. peers.py says the same for
// PyTorch.
#pragma once
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace initsweep::bench {

struct Workload {
  std::string_view name;
  std::vector<int> width;  // hidden layers, input side first
  std::string_view activation, initializer;
  std::int64_t batch_size;
  std::int64_t samples;  // timed; the seconds are scaled to an epoch
};

inline constexpr std::int64_t kEpoch = 60'000;  // samples

inline const Workload& find_workload(std::string_view name) {
  static const std::array workloads = {
      Workload{"W1", {300, 100}, "relu", "he_normal", 50, kEpoch},
      Workload{"W2", std::vector(20, 100), "relu", "he_normal", 64, kEpoch},
      Workload{"W3", std::vector(5, 1000), "tanh", "glorot_uniform", 10, 6'000},
      Workload{"W4", std::vector(5, 1000), "tanh", "glorot_uniform", 128, 7'680},
      Workload{"W5", std::vector(30, 300), "tanh", "glorot_uniform", 128, 7'680},
      // The depths of W6.
      Workload{"D2", std::vector(2, 100), "relu", "he_normal", 64, kEpoch},
      Workload{"D5", std::vector(5, 100), "relu", "he_normal", 64, kEpoch},
      Workload{"D10", std::vector(10, 100), "relu", "he_normal", 64, kEpoch},
      Workload{"D20", std::vector(20, 100), "relu", "he_normal", 64, kEpoch},
  };
  for (const Workload& workload : workloads)
    if (workload.name == name) return workload;
  throw std::invalid_argument("unknown workload '" + std::string(name) +
                              "'; expected one of: W1, W2, W3, W4, W5, D2, D5, D10, D20");
}

// --name VALUE, taken out of `arguments`; nullopt if it is not there.
inline std::optional<std::string> take_option(std::vector<std::string>& arguments, std::string_view name) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != name) continue;
    if (i + 1 == arguments.size()) throw std::invalid_argument(std::string(name) + " needs a value");
    std::string value = arguments[i + 1];
    const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    arguments.erase(at, at + 2);
    return value;
  }
  return std::nullopt;
}

inline std::optional<std::int64_t> take_count(std::vector<std::string>& arguments, std::string_view name) {
  const std::optional<std::string> text = take_option(arguments, name);
  if (!text) return std::nullopt;
  std::int64_t count = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, count);
  if (error != std::errc() || stop != end || count < 1)
    throw std::invalid_argument(std::string(name) + " takes a number from 1 on, got '" + *text + "'");
  return count;
}

inline bool take_flag(std::vector<std::string>& arguments, std::string_view name) {
  return std::erase(arguments, std::string(name)) > 0;
}

// With BARRIER=folder:count in the environment, waits until that many processes have come here.
inline void start_together() {
  const char* variable = std::getenv("BARRIER");
  if (variable == nullptr) return;
  const std::string text = variable;
  const std::size_t colon = text.rfind(':');
  const std::filesystem::path folder = text.substr(0, colon);
  const auto count = std::stol(text.substr(colon + 1));
  std::ofstream(folder / std::to_string(getpid())).flush();
  while (std::distance(std::filesystem::directory_iterator(folder), {}) < count)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace initsweep::bench
