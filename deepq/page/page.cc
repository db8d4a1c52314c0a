#include "deepq/page/page.h"

#include "deepq/core/error.h"
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
  for (const char c : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {
    out += c == '<' ? "\\u003c" : std::string(1, c);
  }
  return out;
}

}  // namespace

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
                        {"data", json_for_html({{"charts", specs}})},
                        {"style", asset("uPlot.min.css") + asset("page.css")},
                        {"uplot", "/*\n" + asset("LICENSE") + "\n*/\n" + asset("uPlot.iife.min.js")},
                        {"script", asset("page.js")}});
}

}  // namespace deepq::page
