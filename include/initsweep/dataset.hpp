// Images and labels, kept as bytes once for all jobs.
//
// The IDX format (LeCun's MNIST page): big-endian magic 0x00000803 (unsigned bytes, three dimensions: images, rows,
// columns) or 0x00000801 (labels), the dimensions as 32-bit integers, then the bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include "initsweep/sha256.hpp"

namespace initsweep {

struct LabelledImages {
  int rows = 0, columns = 0;
  std::vector<std::uint8_t> pixels;  // image by image, each row by row
  std::vector<std::uint8_t> labels;  // one each
  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] int n_pixels() const { return rows * columns; }
};

// Never changes once made; throws EnvironmentError if labels and images do not fit together.
class Dataset {
 public:
  Dataset(std::string name, LabelledImages train, LabelledImages test, int n_classes, std::string digest);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const LabelledImages& train() const { return train_; }
  [[nodiscard]] const LabelledImages& test() const { return test_; }
  [[nodiscard]] int n_pixels() const { return train_.n_pixels(); }
  [[nodiscard]] int n_classes() const { return n_classes_; }
  [[nodiscard]] const std::string& digest() const { return digest_; }

 private:
  std::string name_;
  LabelledImages train_, test_;
  int n_classes_;
  std::string digest_;
};

// The four files of a data set, in this order everywhere (digest included).
inline constexpr std::string_view kIdxFiles[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                  "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

// One of the four in a folder, plain or as NAME.gz (the plain one first; "t10k-images.idx3-ubyte", with a dot, is also
// found); nullopt if there is none.
[[nodiscard]] std::optional<std::filesystem::path> find_idx_file(const std::filesystem::path& folder,
                                                                 std::string_view file);
struct IdxFile {
  std::string source;  // its path, for messages
  std::string header;  // its first bytes, uncompressed: 16 of images, 8 of labels; fewer if it has no more
  std::vector<std::uint8_t> content;  // all bytes after them
  bool goes_on = false;               // the file has more than its header announces, and that was not read
};
// `file` is one of the four; what is read of it goes into `hash`. That is no more than its header announces: a small
// .gz may unfold to any size. Throws EnvironmentError naming what was looked for.
[[nodiscard]] IdxFile read_idx_file(const std::filesystem::path& folder, std::string_view file, Sha256& hash);

// Parsing checks magic, dimensions and length against each other. The content moves on, never copied.
void parse_idx_images(IdxFile file, LabelledImages& into);
// Labels must be below n_classes (0: any byte).
void parse_idx_labels(IdxFile file, int n_classes, LabelledImages& into);

// Reads and checks all four; the digest is SHA-256 over their uncompressed bytes, one after the other.
// n_classes 0: the largest training label + 1, which no test label may exceed.
[[nodiscard]] Dataset load_idx_folder(const std::filesystem::path& folder, std::string name, int n_classes);

}  // namespace initsweep
