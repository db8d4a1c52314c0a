// Training that went wrong by itself, with nothing broken.
#pragma once

#include "deepq/core/error.h"

namespace deepq {

// The numbers are no longer finite. Also a result: the lab counts such runs.
class Divergence : public Error {
 public:
  using Error::Error;
};

}  // namespace deepq
