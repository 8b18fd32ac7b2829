#include "initsweep/number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace initsweep {
namespace {

// Enough for any double in shortest form and for 17 significant digits.
using Buffer = std::array<char, 40>;

std::string shortest(double value) {
  Buffer buffer;
  const std::to_chars_result end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

std::string padded(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace

std::string float_text(double value) {
  if (!std::isfinite(value)) return {};
  std::string text = shortest(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return {};
  if (value == std::trunc(value) && std::abs(value) < 1e15) return std::to_string(static_cast<std::int64_t>(value));
  return shortest(value);
}

std::string brief_text(double value, int significant_digits) {
  if (!std::isfinite(value)) return {};
  Buffer buffer;
  const std::to_chars_result end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                                 std::chars_format::general, significant_digits);
  return {buffer.data(), end.ptr};
}

std::string fixed_text(double value, int digits) {
  if (!std::isfinite(value)) return {};
  std::array<char, 512> text;  // the largest double has 309 digits before the point
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, digits).ptr;
  return {text.begin(), end};
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0)) return "unknown";
  if (seconds < 99.95) return brief_text(std::round(seconds * 10) / 10) + " s";
  if (seconds > 1e9) return "over 30 years";
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 3600) return std::to_string(whole / 60) + " min " + padded(whole % 60, 2) + " s";
  return std::to_string(whole / 3600) + " h " + padded(whole / 60 % 60, 2) + " min";
}

std::string bytes_text(double bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return brief_text(bytes < 100 ? std::round(bytes * 10) / 10 : std::round(bytes), 6) + " " + kUnits[unit];
}

std::string grouped_text(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ' ');
  return digits;
}

std::optional<double> parse_float(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  // from_chars also reads "inf", "nan" and their kind.
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

double round_to_6_digits(double value) {
  Buffer buffer;
  const std::to_chars_result end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific, 5);
  double rounded = value;
  std::from_chars(buffer.data(), end.ptr, rounded);
  return rounded;
}

}  // namespace initsweep
