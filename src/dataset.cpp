#include "initsweep/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/sha256.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;
constexpr std::size_t kMaxPixels = std::size_t{1} << 24;  // of one image: what keeps rows * columns an int
constexpr int kMaxClasses = 256;                          // a label is a byte

[[noreturn]] void fail(std::string_view where, const std::string& what) {
  throw EnvironmentError(printable(where) + ": error: " + what);
}

std::array<std::string, 4> spellings(std::string_view file) {
  const std::string dashed(file);
  std::string dotted = dashed;
  const std::size_t dash = dotted.find("-idx");
  if (dash != std::string::npos) dotted[dash] = '.';
  return {dashed, dashed + ".gz", dotted, dotted + ".gz"};
}

[[noreturn]] void fail_not_found(const fs::path& folder, std::string_view file) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) fail(folder.string(), "no such folder");
  if (error == std::errc::not_a_directory)
    fail(folder.string(), "is a file, expected the folder that holds " + std::string(file));
  if (error) fail(folder.string(), "cannot read: " + error.message());
  const std::array<std::string, 4> names = spellings(file);
  const std::array<std::string_view, 4> views{names[0], names[1], names[2], names[3]};
  fail(folder.string(), (entries == fs::directory_iterator{} ? "is empty" : "has no " + std::string(file)) +
                            ", expected one of: " + joined(views));
}

// What reading `path` will yield, as far as its end tells: a gzip member closes with its uncompressed size modulo 2^32.
// Only a hint, so bounded by what images shrink to: a damaged end must not ask for gigabytes.
std::size_t size_hint(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return 0;
  if (path.extension() != ".gz" || size < 4) return size;
  std::ifstream file(path, std::ios::binary);
  file.seekg(-4, std::ios::end);
  std::array<char, 4> end{};
  file.read(end.data(), end.size());
  std::uintmax_t hint = 0;
  for (std::size_t i = 4; i-- > 0;) hint = hint << 8 | static_cast<unsigned char>(end[i]);
  return std::min(hint, size * 16);
}

std::string read_maybe_gzipped(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) fail(path.string(), "cannot read: " + error.message());
  if (fs::is_directory(status)) fail(path.string(), "is a folder, expected a file");
  if (!fs::is_regular_file(status)) fail(path.string(), "is not a regular file");
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) fail(path.string(), "cannot read: " + std::generic_category().message(errno));
  gzbuffer(file.get(), 1 << 17);

  std::string bytes;
  std::size_t filled = 0;
  bytes.resize(size_hint(path) + 1);  // one more, so that a right hint meets the end of the file without growing
  while (true) {
    if (filled == bytes.size()) bytes.resize(bytes.size() + bytes.size() / 2 + 4096);
    const std::size_t room = std::min<std::size_t>(bytes.size() - filled, 1U << 30);
    const int n = gzread(file.get(), bytes.data() + filled, static_cast<unsigned>(room));
    if (n <= 0) break;
    filled += static_cast<std::size_t>(n);
  }
  const int reason = errno;
  bytes.resize(filled);

  int code = Z_OK;
  gzerror(file.get(), &code);
  if (code == Z_ERRNO) fail(path.string(), "cannot read: " + std::generic_category().message(reason));
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  if (code == Z_BUF_ERROR)
    fail(path.string(),
         "the gzip file ends early, after " + std::to_string(filled) + " bytes of content (is the file truncated?)");
  if (code != Z_OK) fail(path.string(), "the gzip file is damaged");
  return bytes;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = offset; i < offset + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string hexadecimal(std::uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

void check_header(std::string_view bytes, std::string_view source, std::uint32_t magic, std::size_t length) {
  if (bytes.size() >= 4) {
    const std::uint32_t found = big_endian(bytes, 0);
    const char* likely = found >> 16 == 0x1f8b   ? " (is the file still gzipped?)"
                         : found == kImagesMagic ? " (a file of images?)"
                         : found == kLabelsMagic ? " (a file of labels?)"
                                                 : "";
    if (found != magic) fail(source, "expected magic " + hexadecimal(magic) + ", found " + hexadecimal(found) + likely);
  }
  if (bytes.size() < length)
    fail(source, "expected a header of " + std::to_string(length) + " bytes, found " + std::to_string(bytes.size()) +
                     " bytes (is the file truncated?)");
}

void check_length(std::string_view bytes, std::string_view source, std::uint64_t expected, const std::string& content) {
  if (bytes.size() == expected) return;
  fail(source, "expected " + std::to_string(expected) + " bytes for " + content + ", found " +
                   std::to_string(bytes.size()) +
                   (bytes.size() < expected ? " (is the file truncated?)" : " (more than its header announces)"));
}

void check_labelled(const std::string& name, const char* part, const LabelledImages& images, int n_classes) {
  const auto fail_part = [&](const std::string& what) { fail(name, std::string(part) + what); };
  if (images.labels.empty()) fail_part(" data: no labels");
  if (images.n_pixels() < 1) fail_part(" data: images without pixels");
  const std::size_t n_pixels = static_cast<std::size_t>(images.n_pixels());
  if (images.pixels.size() != images.size() * n_pixels)
    fail_part(" data: " + std::to_string(images.pixels.size() / n_pixels) + " images but " +
              std::to_string(images.size()) + " labels");
  const auto largest = std::max_element(images.labels.begin(), images.labels.end());
  if (*largest >= n_classes)
    fail_part(" data: label " + std::to_string(*largest) + ", expected 0 to " + std::to_string(n_classes - 1));
}

std::string shape_text(const LabelledImages& images) {
  return std::to_string(images.rows) + " x " + std::to_string(images.columns);
}

}  // namespace

Dataset::Dataset(std::string name, LabelledImages train, LabelledImages test, int n_classes, std::string digest)
    : name_(std::move(name)),
      train_(std::move(train)),
      test_(std::move(test)),
      n_classes_(n_classes),
      digest_(std::move(digest)) {
  if (n_classes_ < 1 || n_classes_ > kMaxClasses)
    fail(name_, "expected 1 to " + std::to_string(kMaxClasses) + " classes, got " + std::to_string(n_classes_));
  check_labelled(name_, "training", train_, n_classes_);
  check_labelled(name_, "test", test_, n_classes_);
  if (train_.rows != test_.rows || train_.columns != test_.columns)
    fail(name_, "training images are " + shape_text(train_) + " pixels but test images " + shape_text(test_));
}

std::optional<fs::path> find_idx_file(const fs::path& folder, std::string_view file) {
  for (const std::string& name : spellings(file)) {
    std::error_code error;
    if (fs::exists(folder / name, error)) return folder / name;
  }
  return std::nullopt;
}

IdxFile read_idx_file(const fs::path& folder, std::string_view file) {
  const std::optional<fs::path> path = find_idx_file(folder, file);
  if (!path) fail_not_found(folder, file);
  return {path->string(), read_maybe_gzipped(*path)};
}

void parse_idx_images(std::string_view bytes, std::string_view source, LabelledImages& into) {
  constexpr std::size_t kHeader = 16;
  check_header(bytes, source, kImagesMagic, kHeader);
  const std::uint64_t n = big_endian(bytes, 4);
  const std::uint64_t rows = big_endian(bytes, 8);
  const std::uint64_t columns = big_endian(bytes, 12);
  const std::string shape = std::to_string(rows) + " x " + std::to_string(columns) + " pixels";
  if (n == 0) fail(source, "holds no images");
  // Both factors are below 2^32, so the product does not wrap; nor does n times a product that passed.
  if (rows * columns == 0 || rows * columns > kMaxPixels)
    fail(source, "images of " + shape + ", expected 1 to " + std::to_string(kMaxPixels) + " pixels in all");
  check_length(bytes, source, kHeader + n * rows * columns, std::to_string(n) + " images of " + shape);
  into.rows = static_cast<int>(rows);
  into.columns = static_cast<int>(columns);
  into.pixels.assign(bytes.begin() + kHeader, bytes.end());
}

void parse_idx_labels(std::string_view bytes, std::string_view source, int n_classes, LabelledImages& into) {
  constexpr std::size_t kHeader = 8;
  check_header(bytes, source, kLabelsMagic, kHeader);
  const std::uint64_t n = big_endian(bytes, 4);
  if (n == 0) fail(source, "holds no labels");
  check_length(bytes, source, kHeader + n, std::to_string(n) + " labels");
  into.labels.assign(bytes.begin() + kHeader, bytes.end());
  if (n_classes == 0) return;
  const auto wrong =
      std::find_if(into.labels.begin(), into.labels.end(), [&](int label) { return label >= n_classes; });
  if (wrong != into.labels.end())
    fail(source, "label at index " + std::to_string(wrong - into.labels.begin()) + " is " + std::to_string(*wrong) +
                     ", expected 0 to " + std::to_string(n_classes - 1));
}

Dataset load_idx_folder(const fs::path& folder, std::string name, int n_classes) {
  LabelledImages train;
  LabelledImages test;
  Sha256 digest;
  for (const std::string_view file : kIdxFiles) {
    const auto [source, bytes] = read_idx_file(folder, file);
    digest.update(bytes);
    LabelledImages& part = file.starts_with("train") ? train : test;
    if (file.find("images") != std::string_view::npos) {
      parse_idx_images(bytes, source, part);
    } else {
      parse_idx_labels(bytes, source, n_classes, part);
      if (n_classes == 0) n_classes = *std::max_element(part.labels.begin(), part.labels.end()) + 1;
    }
  }
  return {std::move(name), std::move(train), std::move(test), n_classes, digest.hex()};
}

}  // namespace initsweep
