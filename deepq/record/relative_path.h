// Where a page's neighbours lie, seen from the page, so that a folder can be moved as a whole.
#pragma once

#include <string>

namespace deepq {

// The path of the file or folder `target` from the folder of the page at `page_path` ("": nobody knows where the page
// will be). "" where the target is not there.
std::string path_from_page(const std::string& target, const std::string& page_path);

// The same of docs/NAME of the source tree that the page lies in; "" anywhere else.
std::string docs_path_from_page(const std::string& name, const std::string& page_path);

}  // namespace deepq
