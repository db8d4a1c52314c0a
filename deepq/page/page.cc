#include "deepq/page/page.h"

#include <cctype>

#include "deepq/core/error.h"
#include "deepq/core/version.h"
#include "deepq/page/assets.h"
#include "deepq/page/text.h"

namespace deepq::page {
namespace {

std::string asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_page_assets()) {
    if (file.name == name) return std::string(file.content);
  }
  DEEPQ_ASSERT(false && "an asset that CMakeLists.txt does not embed");
  return "";
}

// '<' would end the script element in "</script>", or change how it is read in "<!--".
std::string json_for_html(const nlohmann::json& json) {
  std::string out;
  // Text from files may not be UTF-8; `replace` puts U+FFFD where dump() would throw.
  for (const char c : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {
    out += c == '<' ? "\\u003c" : std::string(1, c);
  }
  return out;
}

std::string foot_html(const Foot& foot) {
  std::string html;
  // What made the page, where it leads, when it was made: in this order on every page.
  if (!foot.command.empty()) html += "<pre class=\"wrap\"><code>" + escape_html(foot.command) + "</code></pre>\n";
  std::vector<std::string> links, facts{"Made on " + utc_text("%Y-%m-%d") + " by deepq " + std::string(version())};
  for (const Link& link : foot.links) links.push_back(link_html(link));
  if (!links.empty()) html += "<p>" + join(links, " · ") + "</p>\n";
  for (const std::string& fact : foot.facts) facts.push_back(escape_html(fact));
  return html + "<p>" + join(facts, ", ") + ". Charts by uPlot 1.6.32 (MIT).</p>";
}

}  // namespace

std::string link_html(const Link& link) {
  const std::string text = escape_html(link.text);
  if (link.href.empty()) return text;
  const std::string download = link.download.empty() ? "" : "\" download=\"" + escape_html(link.download);
  return "<a href=\"" + escape_html(link.href) + download + "\">" + text + "</a>";
}

std::string escape_url(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF", kPlain = "-._~/";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos;
    // Percent-encoding (RFC 3986, section 2.1), byte by byte; the slash stays, as these are paths.
    out += plain ? std::string(1, c) : std::string{'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return out;
}

Link link_to_file(const std::string& path, const std::string& text) { return {text, escape_url(path)}; }

std::string page_html(const Page& page) {
  nlohmann::json specs = nlohmann::json::array();
  for (const Chart& chart : page.charts) {
    if (!chart.description.empty()) specs.push_back(chart.spec);
  }
  return fill_template(asset("page.html"),
                       {{"title", escape_html(page.heading + (page.subtitle.empty() ? "" : " · " + page.subtitle))},
                        {"refresh", page.refresh_seconds == 0 ? ""
                                                              : "<meta http-equiv=\"refresh\" content=\"" +
                                                                    std::to_string(page.refresh_seconds) + "\">\n"},
                        {"kind", escape_html(page.kind)},
                        {"heading", escape_html(page.heading)},
                        {"subtitle", escape_html(page.subtitle)},
                        {"body", page.body},
                        {"foot", foot_html(page.foot)},
                        {"data", json_for_html({{"charts", specs}})},
                        {"style", asset("uPlot.min.css") + asset("page.css")},
                        // The MIT licence goes with every copy, so with each page.
                        {"uplot", "/*\n" + asset("LICENSE") + "\n*/\n" + asset("uPlot.iife.min.js")},
                        {"script", asset("page.js")}});
}

}  // namespace deepq::page
