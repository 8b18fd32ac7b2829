// The IDX reader, through a folder of four files as load_idx_folder meets it.
//
// Input: a byte of flags, three lengths (16 bits, little-endian), then the four files, the last one taking the rest.
// Flag 1 << i: file i lies as NAME.gz. Flag 1 << (4 + i): what lies there is gzip's compression of file i, else its
// bytes as they are.
#include <zlib.h>

#include <algorithm>
#include <array>

#include "fuzz.hpp"
#include "initsweep/dataset.hpp"
#include "initsweep/diagnostic.hpp"

namespace {

using namespace initsweep;

std::string compressed(std::string_view bytes) {
  z_stream stream{};
  fuzz::require(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib starts");
  std::string to(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  fuzz::require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib compresses");
  to.resize(stream.total_out);
  deflateEnd(&stream);
  return to;
}

void lay_out(std::string_view bytes, const std::filesystem::path& folder) {
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  const unsigned flags = byte(0);
  std::array<std::size_t, 4> lengths{};
  for (std::size_t i = 0; i < 3; ++i) lengths[i] = byte(1 + 2 * i) | byte(2 + 2 * i) << 8;
  lengths[3] = bytes.size();
  bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 7));
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string_view file = bytes.substr(0, lengths[i]);
    bytes.remove_prefix(file.size());
    const std::string name(kIdxFiles[i]);
    const bool is_gz = (flags >> i & 1) != 0;
    std::error_code ignored;
    std::filesystem::remove(folder / (is_gz ? name : name + ".gz"), ignored);
    fuzz::write_bytes(folder / (is_gz ? name + ".gz" : name),
                      (flags >> (4 + i) & 1) != 0 ? compressed(file) : std::string(file));
  }
}

void check(const LabelledImages& part, int n_classes) {
  fuzz::require(part.size() > 0 && part.n_pixels() > 0, "a part has images");
  fuzz::require(part.pixels.size() == part.size() * static_cast<std::size_t>(part.n_pixels()), "all pixels are there");
  fuzz::require(*std::max_element(part.labels.begin(), part.labels.end()) < n_classes, "a label names a class");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchFolder scratch;
  lay_out({reinterpret_cast<const char*>(data), size}, scratch.path());
  try {
    const Dataset dataset = load_idx_folder(scratch.path(), "idx:scratch", /*n_classes=*/0);
    check(dataset.train(), dataset.n_classes());
    check(dataset.test(), dataset.n_classes());
    fuzz::require(dataset.train().n_pixels() == dataset.test().n_pixels(), "all images are of one size");
  } catch (const EnvironmentError& error) {
    fuzz::require_showable(error.what());
  }
  return 0;
}
