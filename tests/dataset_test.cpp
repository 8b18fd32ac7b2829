#include "initsweep/dataset.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/sha256.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 255), static_cast<char>(value >> 8 & 255),
          static_cast<char>(value & 255)};
}

std::string idx_images(std::uint32_t n, std::uint32_t rows, std::uint32_t columns, const std::string& pixels) {
  return big_endian(0x00000803) + big_endian(n) + big_endian(rows) + big_endian(columns) + pixels;
}

std::string idx_labels(const std::vector<int>& labels) {
  std::string bytes = big_endian(0x00000801) + big_endian(static_cast<std::uint32_t>(labels.size()));
  for (const int label : labels) bytes += static_cast<char>(label);
  return bytes;
}

void write_gzip(const fs::path& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

// Three training and two test images of 2 x 3 pixels, counting up; labels 0 2 1 and 2 0.
const std::string kTrainImages = idx_images(3, 2, 3, "abcdefghijklmnopqr");
const std::string kTestImages = idx_images(2, 2, 3, "ABCDEFGHIJKL");

class IdxFolder : public testing::Test {
 protected:
  void SetUp() override {
    write_file(folder / "train-images-idx3-ubyte", kTrainImages);
    write_file(folder / "train-labels-idx1-ubyte", idx_labels({0, 2, 1}));
    write_file(folder / "t10k-images-idx3-ubyte", kTestImages);
    write_file(folder / "t10k-labels-idx1-ubyte", idx_labels({2, 0}));
  }
  [[nodiscard]] std::string load_error(int n_classes = 0) const {
    return message_of<EnvironmentError>([&] { (void)load_idx_folder(folder.path(), "tiny", n_classes); });
  }
  TemporaryFolder folder;
};

IdxFile idx_file(const char* source, const std::string& bytes, std::size_t n_header) {
  const std::string header = bytes.substr(0, n_header);
  return {source, header, {bytes.begin() + static_cast<std::ptrdiff_t>(header.size()), bytes.end()}};
}

std::string bytes_of(const IdxFile& file) {
  return file.header + std::string(file.content.begin(), file.content.end());
}

std::string images_error(const std::string& bytes) {
  LabelledImages into;
  return message_of<EnvironmentError>([&] { parse_idx_images(idx_file("train-images-idx3-ubyte", bytes, 16), into); });
}

std::string labels_error(const std::string& bytes, int n_classes) {
  LabelledImages into;
  return message_of<EnvironmentError>(
      [&] { parse_idx_labels(idx_file("train-labels-idx1-ubyte", bytes, 8), n_classes, into); });
}

TEST_F(IdxFolder, LoadsShapesPixelsAndLabels) {
  const Dataset data = load_idx_folder(folder.path(), "tiny", 0);
  EXPECT_EQ(data.name(), "tiny");
  EXPECT_EQ(data.n_pixels(), 6);
  EXPECT_EQ(data.n_classes(), 3);
  EXPECT_EQ(data.train().rows, 2);
  EXPECT_EQ(data.train().columns, 3);
  EXPECT_EQ(std::string(data.train().pixels.begin(), data.train().pixels.end()), "abcdefghijklmnopqr");
  EXPECT_EQ(data.train().labels, (std::vector<std::uint8_t>{0, 2, 1}));
  EXPECT_EQ(std::string(data.test().pixels.begin(), data.test().pixels.end()), "ABCDEFGHIJKL");
  EXPECT_EQ(data.test().labels, (std::vector<std::uint8_t>{2, 0}));
}

TEST_F(IdxFolder, DigestIsOfAllFourInARow) {
  EXPECT_EQ(load_idx_folder(folder.path(), "tiny", 0).digest(),
            sha256_hex(kTrainImages + idx_labels({0, 2, 1}) + kTestImages + idx_labels({2, 0})));
}

TEST_F(IdxFolder, GzippedAndDottedFilesGiveTheSameDataset) {
  const std::string digest = load_idx_folder(folder.path(), "tiny", 0).digest();
  fs::remove(folder / "train-images-idx3-ubyte");
  fs::remove(folder / "t10k-images-idx3-ubyte");
  fs::rename(folder / "t10k-labels-idx1-ubyte", folder / "t10k-labels.idx1-ubyte");
  write_gzip(folder / "train-images-idx3-ubyte.gz", kTrainImages);
  write_gzip(folder / "t10k-images.idx3-ubyte.gz", kTestImages);
  EXPECT_EQ(load_idx_folder(folder.path(), "tiny", 0).digest(), digest);
}

TEST_F(IdxFolder, ThePlainFileComesFirst) {
  write_gzip(folder / "train-images-idx3-ubyte.gz", "not this one");
  EXPECT_EQ(find_idx_file(folder.path(), kIdxFiles[0]), fs::path(folder / "train-images-idx3-ubyte"));
  Sha256 hash;
  EXPECT_EQ(bytes_of(read_idx_file(folder.path(), kIdxFiles[0], hash)), kTrainImages);
}

TEST_F(IdxFolder, ReadsMoreThanTheSizeHintOfAGzipFile) {
  // Two members in a row are one gzip file, whose end tells the size of the last member only; zeros shrink 1000 to 1,
  // far below what the hint allows for.
  constexpr int n_zeros = 5 << 20;
  const std::string zeros = idx_images(1, 1, n_zeros + 3, std::string(n_zeros, '\0'));
  write_gzip(folder / "one.gz", zeros);
  write_gzip(folder / "two.gz", "end");
  fs::remove(folder / "train-images-idx3-ubyte");
  write_file(folder / "train-images-idx3-ubyte.gz", file_bytes(folder / "one.gz") + file_bytes(folder / "two.gz"));
  Sha256 hash;
  EXPECT_EQ(bytes_of(read_idx_file(folder.path(), kIdxFiles[0], hash)), zeros + "end");
  EXPECT_EQ(hash.hex(), sha256_hex(zeros + "end"));
}

TEST_F(IdxFolder, ReadsNoMoreThanTheHeaderAnnounces) {
  fs::remove(folder / "train-images-idx3-ubyte");
  write_gzip(folder / "train-images-idx3-ubyte.gz", idx_images(1, 2, 3, std::string(8 << 20, '\0')));
  Sha256 hash;
  const IdxFile file = read_idx_file(folder.path(), kIdxFiles[0], hash);
  EXPECT_TRUE(file.goes_on);
  EXPECT_EQ(file.content.size(), 7U);
  EXPECT_EQ(load_error(),
            (folder / "train-images-idx3-ubyte.gz") +
                ": error: expected 22 bytes for 1 images of 2 x 3 pixels, found 23 or more (more than its "
                "header announces)");
}

TEST_F(IdxFolder, WithoutAHeaderOfOursNothingIsRead) {
  write_file(folder / "train-images-idx3-ubyte", std::string(1 << 20, 'x'));
  Sha256 hash;
  EXPECT_EQ(read_idx_file(folder.path(), kIdxFiles[0], hash).content.size(), 1U);
  EXPECT_EQ(load_error(),
            (folder / "train-images-idx3-ubyte") + ": error: expected magic 0x00000803, found 0x78787878");
}

TEST_F(IdxFolder, TruncatedGzipFileIsNamed) {
  write_gzip(folder / "t10k-images-idx3-ubyte.gz", kTestImages);
  fs::remove(folder / "t10k-images-idx3-ubyte");
  // Without its last 8 bytes (checksum and size) the content is all there, and still the file is not whole.
  fs::resize_file(folder / "t10k-images-idx3-ubyte.gz", fs::file_size(folder / "t10k-images-idx3-ubyte.gz") - 8);
  EXPECT_EQ(load_error(), (folder / "t10k-images-idx3-ubyte.gz") +
                              ": error: the gzip file ends early, after 28 bytes of content (is the file truncated?)");
}

TEST_F(IdxFolder, DamagedGzipFileIsNamed) {
  write_gzip(folder / "t10k-images-idx3-ubyte.gz", kTestImages);
  fs::remove(folder / "t10k-images-idx3-ubyte");
  std::string bytes = file_bytes(folder / "t10k-images-idx3-ubyte.gz");
  bytes[bytes.size() - 8] ^= 1;  // the checksum
  write_file(folder / "t10k-images-idx3-ubyte.gz", bytes);
  EXPECT_EQ(load_error(), (folder / "t10k-images-idx3-ubyte.gz") + ": error: the gzip file is damaged");
}

TEST_F(IdxFolder, MissingFileTellsTheNamesLookedFor) {
  fs::remove(folder / "t10k-labels-idx1-ubyte");
  EXPECT_EQ(load_error(), folder.path().string() +
                              ": error: has no t10k-labels-idx1-ubyte, expected one of: t10k-labels-idx1-ubyte, "
                              "t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz");
}

TEST_F(IdxFolder, AFolderInPlaceOfAFileIsNamed) {
  fs::remove(folder / "train-labels-idx1-ubyte");
  fs::create_directory(folder / "train-labels-idx1-ubyte");
  EXPECT_EQ(load_error(), (folder / "train-labels-idx1-ubyte") + ": error: is a folder, expected a file");
}

TEST_F(IdxFolder, UnreadableFileTellsTheSystemsReason) {
  // A regular file whose first page nobody can read, not even root.
  fs::remove(folder / "train-labels-idx1-ubyte");
  fs::create_symlink("/proc/self/mem", folder / "train-labels-idx1-ubyte");
  EXPECT_EQ(load_error(), (folder / "train-labels-idx1-ubyte") + ": error: cannot read: Input/output error");
}

TEST_F(IdxFolder, TestLabelsStayBelowTheClassesOfTraining) {
  write_file(folder / "t10k-labels-idx1-ubyte", idx_labels({2, 3}));
  EXPECT_EQ(load_error(), (folder / "t10k-labels-idx1-ubyte") + ": error: label at index 1 is 3, expected 0 to 2");
}

TEST_F(IdxFolder, LabelsAreHeldAgainstTheGivenClasses) {
  EXPECT_EQ(load_error(2), (folder / "train-labels-idx1-ubyte") + ": error: label at index 1 is 2, expected 0 to 1");
}

TEST_F(IdxFolder, ImagesAndLabelsMustBeAsMany) {
  write_file(folder / "train-labels-idx1-ubyte", idx_labels({0, 2}));
  EXPECT_EQ(load_error(), "tiny: error: training data: 3 images but 2 labels");
}

TEST_F(IdxFolder, TrainingAndTestImagesMustHaveOneShape) {
  write_file(folder / "t10k-images-idx3-ubyte", idx_images(2, 3, 2, "ABCDEFGHIJKL"));
  EXPECT_EQ(load_error(), "tiny: error: training images are 2 x 3 pixels but test images 3 x 2");
}

TEST(IdxFolderName, EmptyFolderSaysSo) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)load_idx_folder(folder.path(), "tiny", 0); }),
            folder.path().string() +
                ": error: is empty, expected one of: train-images-idx3-ubyte, train-images-idx3-ubyte.gz, "
                "train-images.idx3-ubyte, train-images.idx3-ubyte.gz");
}

TEST(IdxFolderName, MissingFolderSaysSo) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)load_idx_folder(folder / "none", "tiny", 0); }),
            (folder / "none") + ": error: no such folder");
}

TEST(IdxFolderName, AFileInPlaceOfTheFolderSaysSo) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)load_idx_folder(folder / "file", "tiny", 0); }),
            (folder / "file") + ": error: is a file, expected the folder that holds train-images-idx3-ubyte");
}

struct BadIdx {
  const char* name;
  std::string bytes;
  const char* expected;
};

class BadImages : public testing::TestWithParam<BadIdx> {};

TEST_P(BadImages, GetTheirMessage) {
  EXPECT_EQ(images_error(GetParam().bytes), std::string("train-images-idx3-ubyte: error: ") + GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Idx, BadImages,
    testing::Values(
        BadIdx{"gzipped",
               {"\x1f\x8b\x08\x00\x00\x00", 6},
               "expected magic 0x00000803, found 0x1f8b0800 (is the file still gzipped?)"},
        BadIdx{"labels", idx_labels({1, 2}), "expected magic 0x00000803, found 0x00000801 (a file of labels?)"},
        BadIdx{"text", "hello", "expected magic 0x00000803, found 0x68656c6c"},
        BadIdx{"nothing", "", "expected a header of 16 bytes, found 0 bytes (is the file truncated?)"},
        BadIdx{"half_a_header", kTrainImages.substr(0, 9),
               "expected a header of 16 bytes, found 9 bytes (is the file truncated?)"},
        BadIdx{"truncated", kTrainImages.substr(0, 20),
               "expected 34 bytes for 3 images of 2 x 3 pixels, found 20 (is the file truncated?)"},
        BadIdx{"too_long", kTrainImages + "s",
               "expected 34 bytes for 3 images of 2 x 3 pixels, found 35 (more than its header announces)"},
        BadIdx{"no_images", idx_images(0, 28, 28, ""), "holds no images"},
        BadIdx{"no_columns", idx_images(3, 28, 0, ""), "images of 28 x 0 pixels, expected 1 to 16777216 pixels in all"},
        // 65536^2 is 0 in 32 bits, and 2^32 - 1 squared times itself would wrap in 64.
        BadIdx{"wraps_in_32_bits", idx_images(1, 65536, 65536, ""),
               "images of 65536 x 65536 pixels, expected 1 to 16777216 pixels in all"},
        BadIdx{"largest_numbers", idx_images(0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, ""),
               "images of 4294967295 x 4294967295 pixels, expected 1 to 16777216 pixels in all"},
        BadIdx{"absurd_count", idx_images(0xFFFFFFFF, 4096, 4096, "abc"),
               "expected 72057594021150736 bytes for 4294967295 images of 4096 x 4096 pixels, found 19 "
               "(is the file truncated?)"}),
    [](const auto& test) { return test.param.name; });

TEST(IdxLabels, ImagesInTheirPlaceAreNamed) {
  EXPECT_EQ(labels_error(kTrainImages, 10),
            "train-labels-idx1-ubyte: error: expected magic 0x00000801, found 0x00000803 (a file of images?)");
}

TEST(IdxLabels, TruncationTellsBothLengths) {
  EXPECT_EQ(labels_error(idx_labels({1, 2, 3}).substr(0, 10), 10),
            "train-labels-idx1-ubyte: error: expected 11 bytes for 3 labels, found 10 (is the file truncated?)");
}

TEST(IdxLabels, OutOfRangeTellsIndexValueAndRange) {
  EXPECT_EQ(labels_error(idx_labels({1, 9, 12, 10}), 10),
            "train-labels-idx1-ubyte: error: label at index 2 is 12, expected 0 to 9");
}

TEST(IdxLabels, AnyByteIsALabelWithoutClasses) {
  LabelledImages into;
  parse_idx_labels(idx_file("labels", idx_labels({0, 255}), 8), 0, into);
  EXPECT_EQ(into.labels, (std::vector<std::uint8_t>{0, 255}));
}

std::string dataset_error(const LabelledImages& train, const LabelledImages& test, int n_classes) {
  return message_of<EnvironmentError>([&] { (void)Dataset("tiny", train, test, n_classes, ""); });
}

TEST(Dataset, RefusesWhatDoesNotFitTogether) {
  const LabelledImages good{.rows = 1, .columns = 2, .pixels = {1, 2, 3, 4}, .labels = {0, 1}};
  const LabelledImages empty{.rows = 1, .columns = 2, .pixels = {}, .labels = {}};
  const LabelledImages flat{.rows = 0, .columns = 2, .pixels = {}, .labels = {0}};
  EXPECT_EQ(dataset_error(good, good, 2), "(nothing was thrown)");
  EXPECT_EQ(dataset_error(empty, good, 2), "tiny: error: training data: no labels");
  EXPECT_EQ(dataset_error(good, empty, 2), "tiny: error: test data: no labels");
  EXPECT_EQ(dataset_error(flat, good, 2), "tiny: error: training data: images without pixels");
  EXPECT_EQ(dataset_error(good, good, 1), "tiny: error: training data: label 1, expected 0 to 0");
  EXPECT_EQ(dataset_error(good, good, 257), "tiny: error: expected 1 to 256 classes, got 257");
}

}  // namespace
}  // namespace initsweep
