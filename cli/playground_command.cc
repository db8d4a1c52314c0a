#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/embedded.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {

void add_playground_command(CLI::App& program, int&) {
  CLI::App* const command =
      program.add_subcommand("playground", "write the playground: a page in which the chapter's agents learn");
  const auto path = std::make_shared<std::string>("playground.html");
  command->add_option("--out", *path, "the page; default: playground.html")->type_name("FILE");
  command->footer("Open it in a browser. It needs no network, no server and no installation, and can be mailed.");
  command->callback([path] {
    require_no_file_of_run(*path);
    const EmbeddedFile& page = embedded_playground().front();
    write_file_atomically(*path, std::string(page.content));
    std::cout << *path << "\n";
  });
}

}  // namespace deepq::cli
