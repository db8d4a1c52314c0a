#include <cstring>

#include "deepq/act/act.h"

int main() {
  deepq::Actor actor("no agent", 8);
  return !actor.is_loaded() && std::strncmp(actor.error(), "safetensors: ", 13) == 0 ? 0 : 1;
}
