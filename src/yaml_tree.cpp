#include "yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

#include "utf8.hpp"

namespace initsweep {
namespace {

constexpr std::size_t kMaxBytes = kMaxSweepBytes;
constexpr std::size_t kMaxLineBytes = 100'000;
constexpr std::size_t kMaxNesting = 64;
// Beyond this excess of opening brackets the scanner, which reads far ahead, would take a lot of memory to say no.
constexpr std::ptrdiff_t kMaxOpenBrackets = 10'000;

// Thrown out of the parser when reading on makes no sense.
struct Refusal {
  SourceLocation where;
  std::string message;
};

// A text whose first character stands at `start`, by lines. yaml-cpp counts lines and columns from 0 and columns in
// bytes; people count from 1 and in characters.
class Lines {
 public:
  Lines(std::string_view text, SourceLocation start) : text_(text), start_(start), begins_{0}, characters_{0} {
    characters_.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') begins_.push_back(i + 1);
      const bool continues = (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
      characters_.push_back(characters_.back() + (continues ? 0 : 1));
    }
  }

  [[nodiscard]] std::size_t offset(const YAML::Mark& mark) const {
    const std::size_t line = std::min(static_cast<std::size_t>(std::max(mark.line, 0)), begins_.size() - 1);
    return std::min(begins_[line] + static_cast<std::size_t>(std::max(mark.column, 0)), text_.size());
  }

  // The stretch [from, to), or as much of it as is on the first line.
  [[nodiscard]] SourceLocation location(std::size_t from, std::size_t to) const {
    const auto next = std::upper_bound(begins_.begin(), begins_.end(), from);
    const std::size_t line = static_cast<std::size_t>(next - begins_.begin()) - 1;
    const std::size_t line_end = next == begins_.end() ? text_.size() : *next - 1;
    const int column = n_characters(begins_[line], from) + (line == 0 ? start_.column : 1);
    return {start_.line + static_cast<int>(line), column, std::max(1, n_characters(from, std::min(to, line_end)))};
  }

  [[nodiscard]] SourceLocation location(std::size_t from) const { return location(from, from + 1); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  [[nodiscard]] int n_characters(std::size_t from, std::size_t to) const {
    return characters_[to] - characters_[std::min(from, to)];
  }

  std::string_view text_;
  SourceLocation start_;
  std::vector<std::size_t> begins_;  // offset of each line
  std::vector<int> characters_;      // UTF-8 characters before each offset
};

// Past the closing quote of the text that starts at `from`; npos if there is none. (yaml-cpp takes a text that the end
// of the file closes.)
std::size_t end_of_quoted(std::string_view text, std::size_t from) {
  const char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    const bool is_escape = quote == '"' ? text[i] == '\\' : text.substr(i, 2) == "''";
    if (is_escape)
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return std::string_view::npos;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const Lines& lines, Problems& problems) : lines_(lines), problems_(problems) {
    root_.where = lines.location(0);  // of an empty text
  }

  [[nodiscard]] YamlNode take() { return std::move(root_); }
  // The innermost list or map that is not finished, if any.
  [[nodiscard]] const YamlNode* unfinished() const { return open_.empty() ? nullptr : &open_.back().node; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++n_documents_ > 1)
      throw Refusal{lines_.location(lines_.offset(mark)), "a second document starts here; a sweep file has one"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const std::size_t from = lines_.offset(mark);
    std::string_view word = lines_.text().substr(from, 5);
    word = word.substr(0, word.find_first_of(" \n,]}#"));
    static constexpr std::array<std::string_view, 4> kWords = {"~", "null", "Null", "NULL"};
    YamlNode node;
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end())
      node.where = lines_.location(from, from + word.size());
    else if (open_.empty())
      node.where = lines_.location(from);
    else  // nothing is written, and the mark is that of whatever comes next
      node.where = open_.back().node.keys.empty() ? open_.back().node.where : open_.back().node.keys.back().where;
    count(1, node.where);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const std::size_t from = start_of_node(mark);
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = value;
    node.is_plain = tag != "!";
    std::size_t to = from + value.size();
    if (!node.is_plain && from < lines_.text().size() && (lines_.text()[from] == '"' || lines_.text()[from] == '\'')) {
      to = end_of_quoted(lines_.text(), from);
      if (to == std::string_view::npos)
        throw Refusal{lines_.location(from), "this text is not closed: its second quote is missing"};
    }
    node.where = lines_.location(from, to);
    count(tree_size(node), node.where);
    if (next_is_key() && node.is_plain && node.text == "<<")
      problems_.error(node.where, "merge keys ('<<') are not read; write the settings out");
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::sequence, mark, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::map, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const SourceLocation where = lines_.location(lines_.offset(mark));
    const auto anchored = anchored_.find(anchor);
    if (anchored == anchored_.end()) throw Refusal{where, "this alias stands inside what it names"};
    count(tree_size(anchored->second), where);
    add(anchored->second, /*anchor=*/0);
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
  };

  // Where the node itself starts: yaml-cpp's mark is at its anchor or tag, if it has one. Reports a tag.
  std::size_t start_of_node(const YAML::Mark& mark) {
    const std::string_view text = lines_.text();
    std::size_t from = lines_.offset(mark);
    while (from < text.size() && (text[from] == '&' || text[from] == '!')) {
      const std::size_t end = std::min(text.find_first_of(" \n", from), text.size());
      if (text[from] == '!')
        problems_.error(lines_.location(from, end),
                        "tags are not read; leave out " + quoted(text.substr(from, end - from)));
      from = std::min(text.find_first_not_of(" \n", end), text.size());
    }
    return from;
  }

  [[nodiscard]] bool next_is_key() const {
    if (open_.empty()) return false;
    const YamlNode& parent = open_.back().node;
    return parent.kind == YamlNode::Kind::map && parent.keys.size() == parent.children.size();
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    YamlNode node;
    node.kind = kind;
    node.where = lines_.location(start_of_node(mark));
    if (open_.size() == kMaxNesting)
      throw Refusal{node.where, "lists and maps are nested more than " + std::to_string(kMaxNesting) + " deep"};
    count(1, node.where);
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    Open finished = std::move(open_.back());
    open_.pop_back();
    add(std::move(finished.node), finished.anchor);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(tree_size(node), node.where);
      anchored_[anchor] = node;
    }
    if (open_.empty())
      root_ = std::move(node);
    else if (next_is_key())
      open_.back().node.keys.push_back(std::move(node));
    else
      open_.back().node.children.push_back(std::move(node));
  }

  void count(std::size_t size, SourceLocation where) {
    size_ += size;
    if (size_ > kMaxTreeSize) throw Refusal{where, "this is more than a sweep file can hold (do aliases multiply it?)"};
  }

  const Lines& lines_;
  Problems& problems_;
  YamlNode root_;
  std::vector<Open> open_;  // lists and maps that are not finished, the innermost last
  std::map<YAML::anchor_t, YamlNode> anchored_;
  std::size_t size_ = 0;
  int n_documents_ = 0;
};

// What yaml-cpp says, in a sentence.
std::string sentence(const YAML::Exception& error) {
  using namespace YAML::ErrorMsg;
  struct Sentence {
    const char* yaml_cpp;
    const char* ours;
  };
  const std::array<Sentence, 9> sentences = {{
      {MAP_VALUE, "a ':' has no place here; check the indentation, and quote a text that contains ': '"},
      {TAB_IN_INDENTATION, "a tab stands in the indentation; indent with spaces"},
      {END_OF_MAP, "this does not continue the map above; check indentation, quotes and brackets"},
      {END_OF_SEQ, "this does not continue the list above; check indentation, quotes and brackets"},
      {FLOW_END, "this bracket closes nothing"},
      {BLOCK_ENTRY, "a list entry ('- ') has no place here; it stands on a line of its own"},
      {UNKNOWN_ANCHOR, "this alias names nothing; its anchor (&) stands nowhere above"},
      {UNKNOWN_TOKEN, "a value cannot start with this character; quote it"},
      {EOF_IN_SCALAR, "the file ends inside a quoted text"},
  }};
  for (const Sentence& known : sentences)
    if (error.msg == known.yaml_cpp) return known.ours;
  return "not YAML: " + error.msg;
}

void report_syntax(const YAML::Exception& error, const TreeBuilder& builder, const Lines& lines, Problems& problems) {
  const std::string_view text = lines.text();
  const std::size_t at = lines.offset(error.mark);
  const std::size_t line_start = text.rfind('\n', at == 0 ? 0 : at - 1) + 1;  // npos + 1 is 0
  const std::size_t indented = std::min(text.find_first_not_of(" \t", line_start), text.size());
  const bool is_unclosed = error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW || error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW;
  if (is_unclosed && builder.unfinished() != nullptr)
    problems.error(builder.unfinished()->where, "this bracket is not closed");
  else if (const std::size_t tab = text.substr(line_start, indented - line_start).find('\t'); tab != std::string::npos)
    problems.error(lines.location(line_start + tab), "a tab stands in the indentation; indent with spaces");
  else
    problems.error(lines.location(at), sentence(error));
}

// What no sweep file contains, whatever YAML says; false if it is there.
bool is_clean(const Lines& lines, Problems& problems) {
  const std::string_view text = lines.text();
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    problems.error({}, "the file is UTF-16; save it as UTF-8");
    return false;
  }
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character character = utf8_character(text, i);
    const bool is_text = character.value && (!is_control(*character.value) || text[i] == '\n' || text[i] == '\t');
    if (!is_text) {
      problems.error(lines.location(i), !character.value  ? "this is not UTF-8 text; save the file as UTF-8"
                                        : text[i] == '\0' ? "a NUL byte; a sweep file is text"
                                                          : "a control character; a sweep file is text");
      return false;
    }
    i += character.length;
  }
  std::ptrdiff_t n_open = 0;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') line_start = i + 1;
    if (i - line_start == kMaxLineBytes) {
      problems.error(lines.location(i),
                     "a line has at most " + std::to_string(kMaxLineBytes) + " bytes; break it here or before");
      return false;
    }
    n_open += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
    if (n_open > kMaxOpenBrackets) {
      problems.error(lines.location(i), "far more brackets are opened than closed");
      return false;
    }
  }
  return true;
}

}  // namespace

std::size_t tree_size(const YamlNode& node) {
  std::size_t size = 1 + node.text.size() / 100;
  for (const YamlNode& key : node.keys) size += tree_size(key);
  for (const YamlNode& child : node.children) size += tree_size(child);
  return size;
}

std::string normalized(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') result += text[i];
  return result;
}

std::optional<YamlNode> parse_yaml(std::string_view text, SourceLocation start, Problems& problems) {
  if (text.size() > kMaxBytes) {
    problems.error(start, "a text of " + std::to_string(text.size()) + " bytes; a sweep file has at most " +
                              std::to_string(kMaxBytes));
    return std::nullopt;
  }
  const Lines lines(text, start);
  if (!is_clean(lines, problems)) return std::nullopt;
  TreeBuilder builder(lines, problems);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refusal& refusal) {
    problems.error(refusal.where, refusal.message);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    report_syntax(error, builder, lines, problems);
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace initsweep
