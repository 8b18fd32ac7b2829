// Numbers to text and back, the same in every locale.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace initsweep {

// The shortest text that reads back exactly; always with a '.' or an exponent ("1.0", "1e-05", "0.1"), so that a
// column of them is never taken for integers. Not finite: "".
[[nodiscard]] std::string float_text(double value);
// Like float_text, but a whole number below 1e15 is written without a fraction ("1", "300"): for settings and ids.
[[nodiscard]] std::string number_text(double value);
// For people: four significant digits, "1.234e-05".
[[nodiscard]] std::string brief_text(double value, int significant_digits = 4);
// With this many digits after the point: "0.9298". Not finite: "".
[[nodiscard]] std::string fixed_text(double value, int digits);
// "12.3 s", "4 min 10 s", "3 h 05 min"
[[nodiscard]] std::string duration_text(double seconds);
// "812 KiB", "8 GiB"
[[nodiscard]] std::string bytes_text(double bytes);
// 123456789 -> "123 456 789"
[[nodiscard]] std::string grouped_text(std::uint64_t value);

// The whole text as a number: nullopt if anything is left over, or for hexadecimal, infinities and NaN.
[[nodiscard]] std::optional<double> parse_float(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// The value with six significant digits, as the short forms of an axis promise.
[[nodiscard]] double round_to_6_digits(double value);

}  // namespace initsweep
