// Links from a page to what lies around it, relative, so that a folder can be moved as a whole.
#pragma once

#include <string>

#include "deepq/page/page.h"

namespace deepq {

// To the file or folder `target` from a page at `page_path` ("": nobody knows where it will be). Without an href where
// the target is not there.
page::Link link_to(const std::string& target, const std::string& page_path, const std::string& text);

// To docs/NAME of the source tree that the page lies in; its text alone anywhere else.
page::Link link_to_docs(const std::string& name, const std::string& page_path);

}  // namespace deepq
