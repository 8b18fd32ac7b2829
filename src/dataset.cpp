#include "initsweep/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <new>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "initsweep/diagnostic.hpp"
#include "initsweep/number.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kImagesMagic = 0x00000803;
constexpr std::uint32_t kLabelsMagic = 0x00000801;
constexpr std::size_t kImagesHeader = 16, kLabelsHeader = 8;   // bytes
constexpr std::size_t kMaxPixels = std::size_t{1} << 24;       // of one image: what keeps rows * columns an int
constexpr std::uint64_t kMaxContent = std::uint64_t{8} << 30;  // of a file
constexpr std::size_t kPiece = std::size_t{1} << 19;           // read at a time, bytes
constexpr int kMaxClasses = 256;                               // a label is a byte

[[noreturn]] void fail(std::string_view where, const std::string& what) {
  throw EnvironmentError(printable(where) + ": error: " + what);
}

bool is_of_images(std::string_view file) { return file.find("images") != std::string_view::npos; }

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

[[noreturn]] void fail_gzread(const fs::path& path, int code, int reason, std::size_t n_read) {
  if (code == Z_ERRNO) fail(path.string(), "cannot read: " + std::generic_category().message(reason));
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  if (code == Z_BUF_ERROR)
    fail(path.string(),
         "the gzip file ends early, after " + std::to_string(n_read) + " bytes of content (is the file truncated?)");
  fail(path.string(), "the gzip file is damaged");
}

// Hashes a buffer in another thread while it is being filled: hashing takes longer than reading, and so hides it.
class FollowingHash {
 public:
  FollowingHash(Sha256& hash, const std::uint8_t* buffer)
      : thread_([this, &hash, buffer] {
          std::size_t seen = 0;
          for (std::size_t done = 0; (seen & kEnd) == 0;) {
            filled_.wait(seen);
            seen = filled_;
            hash.update(std::as_bytes(std::span(buffer + done, buffer + (seen & ~kEnd))));
            done = seen;
          }
        }) {}
  ~FollowingHash() { announce(kEnd); }
  FollowingHash(const FollowingHash&) = delete;
  FollowingHash& operator=(const FollowingHash&) = delete;
  void announce(std::size_t n_more) {
    filled_ += n_more;
    filled_.notify_one();
  }

 private:
  static constexpr std::size_t kEnd = std::size_t{1} << 63;  // above any size
  std::atomic<std::size_t> filled_ = 0;
  std::jthread thread_;  // last, so that it ends first
};

// True if read(to, room) met the end of the file, false if there are `most` bytes or the capacity is used up.
template <class Read>
bool fill_and_hash(std::vector<std::uint8_t>& content, std::size_t most, const Read& read, Sha256& hash) {
  FollowingHash following(hash, content.data() + content.size());
  while (content.size() < std::min(content.capacity(), most)) {
    const std::size_t filled = content.size();
    const std::size_t room = std::min({content.capacity() - filled, most - filled, kPiece});
    content.resize(filled + room);  // piece by piece: the zeros are still in the cache when they are overwritten
    const std::size_t n = read(content.data() + filled, room);
    content.resize(filled + n);
    if (n == 0) return true;
    following.announce(n);
  }
  return false;
}

std::uint32_t big_endian(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = offset; i < offset + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Bytes that the header says will follow; none if it is no header of ours, which parsing will tell.
std::uint64_t announced_content(std::string_view header) {
  if (header.size() >= kLabelsHeader && big_endian(header, 0) == kLabelsMagic) return big_endian(header, 4);
  if (header.size() < kImagesHeader || big_endian(header, 0) != kImagesMagic) return 0;
  const std::uint64_t n_pixels = std::uint64_t{big_endian(header, 8)} * big_endian(header, 12);
  return n_pixels > kMaxPixels ? 0 : big_endian(header, 4) * n_pixels;
}

void read_and_hash(const fs::path& path, std::size_t n_header, IdxFile& into, Sha256& hash) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) fail(path.string(), "cannot read: " + error.message());
  if (fs::is_directory(status)) fail(path.string(), "is a folder, expected a file");
  if (!fs::is_regular_file(status)) fail(path.string(), "is not a regular file");
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) fail(path.string(), "cannot read: " + std::generic_category().message(errno));
  gzbuffer(file.get(), 1 << 17);

  std::size_t n_read = 0;
  const auto read = [&](void* to, std::size_t room) {
    const int n = gzread(file.get(), to, static_cast<unsigned>(room));
    const int reason = errno;
    int code = Z_OK;
    if (n <= 0) gzerror(file.get(), &code);
    if (code != Z_OK) fail_gzread(path, code, reason, n_read);
    n_read += static_cast<std::size_t>(n);
    return static_cast<std::size_t>(n);
  };
  into.header.resize(n_header);
  into.header.resize(read(into.header.data(), n_header));
  hash.update(into.header);

  // One more than announced: what is there then is too much, or nothing, and then the end is met without growing.
  const std::size_t most = static_cast<std::size_t>(std::min(announced_content(into.header), kMaxContent)) + 1;
  try {
    into.content.reserve(std::min(size_hint(path), most - 1) + 1);
    while (!fill_and_hash(into.content, most, read, hash)) {
      into.goes_on = into.content.size() == most;
      if (into.goes_on) return;
      into.content.reserve(std::min(into.content.size() * 3 / 2 + 4096, most));
    }
  } catch (const std::bad_alloc&) {
    fail(path.string(), "needs more memory than there is");
  }
}

std::string hexadecimal(std::uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

void check_header(const IdxFile& file, std::uint32_t magic, std::size_t length) {
  if (file.header.size() >= 4) {
    const std::uint32_t found = big_endian(file.header, 0);
    const char* likely = found >> 16 == 0x1f8b   ? " (is the file still gzipped?)"
                         : found == kImagesMagic ? " (a file of images?)"
                         : found == kLabelsMagic ? " (a file of labels?)"
                                                 : "";
    if (found != magic)
      fail(file.source, "expected magic " + hexadecimal(magic) + ", found " + hexadecimal(found) + likely);
  }
  if (file.header.size() < length)
    fail(file.source, "expected a header of " + std::to_string(length) + " bytes, found " +
                          std::to_string(file.header.size()) + " bytes (is the file truncated?)");
}

void check_length(const IdxFile& file, std::uint64_t expected_content, const std::string& content) {
  if (file.content.size() == expected_content) return;
  const std::size_t n_header = file.header.size();
  if (expected_content > kMaxContent && file.goes_on)
    fail(file.source, content + ", more than " + bytes_text(static_cast<double>(kMaxContent)));
  fail(file.source, "expected " + std::to_string(n_header + expected_content) + " bytes for " + content + ", found " +
                        std::to_string(n_header + file.content.size()) + (file.goes_on ? " or more" : "") +
                        (file.content.size() < expected_content ? " (is the file truncated?)"
                                                                : " (more than its header announces)"));
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

IdxFile read_idx_file(const fs::path& folder, std::string_view file, Sha256& hash) {
  const std::optional<fs::path> path = find_idx_file(folder, file);
  if (!path) fail_not_found(folder, file);
  IdxFile read{.source = path->string(), .header = {}, .content = {}};
  read_and_hash(*path, is_of_images(file) ? kImagesHeader : kLabelsHeader, read, hash);
  return read;
}

void parse_idx_images(IdxFile file, LabelledImages& into) {
  check_header(file, kImagesMagic, kImagesHeader);
  const std::uint64_t n = big_endian(file.header, 4);
  const std::uint64_t rows = big_endian(file.header, 8);
  const std::uint64_t columns = big_endian(file.header, 12);
  const std::string shape = std::to_string(rows) + " x " + std::to_string(columns) + " pixels";
  if (n == 0) fail(file.source, "holds no images");
  // Both factors are below 2^32, so the product does not wrap; nor does n times a product that passed.
  if (rows * columns == 0 || rows * columns > kMaxPixels)
    fail(file.source, "images of " + shape + ", expected 1 to " + std::to_string(kMaxPixels) + " pixels in all");
  check_length(file, n * rows * columns, std::to_string(n) + " images of " + shape);
  into.rows = static_cast<int>(rows);
  into.columns = static_cast<int>(columns);
  into.pixels = std::move(file.content);
}

void parse_idx_labels(IdxFile file, int n_classes, LabelledImages& into) {
  check_header(file, kLabelsMagic, kLabelsHeader);
  const std::uint64_t n = big_endian(file.header, 4);
  if (n == 0) fail(file.source, "holds no labels");
  check_length(file, n, std::to_string(n) + " labels");
  into.labels = std::move(file.content);
  if (n_classes == 0) return;
  const auto wrong =
      std::find_if(into.labels.begin(), into.labels.end(), [&](int label) { return label >= n_classes; });
  if (wrong != into.labels.end())
    fail(file.source, "label at index " + std::to_string(wrong - into.labels.begin()) + " is " +
                          std::to_string(*wrong) + ", expected 0 to " + std::to_string(n_classes - 1));
}

Dataset load_idx_folder(const fs::path& folder, std::string name, int n_classes) {
  LabelledImages train;
  LabelledImages test;
  Sha256 digest;
  for (const std::string_view file : kIdxFiles) {
    LabelledImages& part = file.starts_with("train") ? train : test;
    IdxFile read = read_idx_file(folder, file, digest);
    if (is_of_images(file)) {
      parse_idx_images(std::move(read), part);
    } else {
      parse_idx_labels(std::move(read), n_classes, part);
      if (n_classes == 0) n_classes = *std::max_element(part.labels.begin(), part.labels.end()) + 1;
    }
  }
  return {std::move(name), std::move(train), std::move(test), n_classes, digest.hex()};
}

}  // namespace initsweep
