// What the fuzz targets share. A target says with require() what must hold; an exception that it does not catch is a
// finding too.
#pragma once
#include <stdlib.h>  // mkdtemp

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace initsweep::fuzz {

inline void require(bool holds, const char* promise, std::string_view about = {}) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%s\n", promise, std::string(about).c_str());
  std::abort();
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  require(out.flush().good(), "the scratch folder can be written; $TMPDIR names it", file.string());
}

// Code points of UTF-8 as RFC 3629 has it, one at a time; not valid where the bytes are none. Written apart
// from the program's own, which it judges.
struct CodePoint {
  bool is_valid = false;
  std::uint32_t value = 0;
  std::size_t length = 1;
};
inline CodePoint code_point_at(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[k])); };
  if (byte(i) < 0x80) return {true, byte(i), 1};
  for (std::size_t n = 2; n <= 4; ++n) {
    const std::uint32_t marker = 0xFFu << (8 - n) & 0xFF;
    if ((byte(i) & (marker | marker >> 1)) != marker) continue;
    std::uint32_t value = byte(i) & ~marker & 0xFF;
    for (std::size_t k = 1; k < n; ++k) {
      if (i + k >= text.size() || (byte(i + k) & 0xC0) != 0x80) return {};
      value = value << 6 | (byte(i + k) & 0x3F);
    }
    static constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    return {value >= kSmallest[n] && value <= 0x10FFFF && !is_surrogate, value, n};
  }
  return {};
}

// What may be shown on a terminal: UTF-8 without control characters but the line feed, and without those that turn the
// writing direction around.
inline void require_showable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = code_point_at(text, i);
    require(point.is_valid, "what is shown is UTF-8", text);
    const std::uint32_t c = point.value;
    const bool is_control = (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0);
    const bool turns = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    require(!is_control, "what is shown has no control characters", text);
    require(!turns, "what is shown keeps its direction", text);
    i += point.length;
  }
}

// A folder of this process, removed at its end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "initsweep-fuzz-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "$TMPDIR can be written", pattern);
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace initsweep::fuzz
