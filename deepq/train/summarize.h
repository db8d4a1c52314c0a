// What is told of a trainer when it stops, whoever keeps it: files of a run folder, or bytes in a page.
#pragma once

#include <string>

#include "deepq/core/safetensors.h"
#include "deepq/record/summary.h"
#include "deepq/train/trainer.h"

namespace deepq {

// `stopped`: before its end, by whoever runs it.
RunSummary summarize(Trainer& trainer, bool stopped);

// What the metadata of its checkpoint say of the run.
Metadata run_metadata(const Trainer& trainer, const std::string& config_toml);
ConfigHistory history_in(const Metadata& metadata);

// Throws deepq::Error for weights that are not finite: they are never saved.
void require_finite(const Trainer& trainer);

}  // namespace deepq
