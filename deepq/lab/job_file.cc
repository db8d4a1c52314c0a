#include "deepq/lab/job_file.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/core/error.h"
#include "deepq/core/sha256.h"
#include "deepq/core/version.h"
#include "deepq/lab/source_hash.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::lab {
namespace {

using nlohmann::json;

std::string file_of(const std::string& folder, const JobName& job) {
  return folder + "/" + job.setting + "--seed-" + std::to_string(job.seed) + ".json";
}

// JSON has no NaN and no infinity: those are strings.
json number_json(double value) { return std::isfinite(value) ? json(value) : json(number_text(value)); }
double number_of(const json& value) {
  return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

json array_json(const std::vector<double>& values) {
  json array = json::array();
  for (const double value : values) array.push_back(number_json(value));
  return array;
}

std::vector<double> array_of(const json& array) {
  std::vector<double> values;
  for (const json& value : array) values.push_back(number_of(value));
  return values;
}

std::string sha256_of(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

json heading(const JobName& job) {
  return {{"deepq_version", version()},
          {"program", source_hash()},  // sources, compiler and options: another program's results are not taken up
          {"experiment", job.experiment},
          {"setting", job.setting},
          {"quick", job.quick},
          {"seed", job.seed},
          {"config_sha256", sha256_of(job.config)}};
}

}  // namespace

std::optional<JobResult> read_job(const std::string& folder, const JobName& job) {
  const std::string path = file_of(folder, job);
  if (!path_exists(path)) return {};
  json file = json::parse(read_file(path), nullptr, false);
  // Another version, program, setting or seed: not this job's result.
  if (!file.is_object() || file.value("job", json()) != heading(job)) return {};
  const json checksum = file.value("sha256", json());
  file.erase("sha256");  // it is of the file without itself
  if (checksum != sha256_of(file.dump())) return {};
  try {
    JobResult result{.values = {}, .curves = {}, .diverged = file.at("diverged").get<bool>()};
    for (const auto& [name, value] : file.at("values").items()) result.values[name] = number_of(value);
    for (const auto& [name, curve] : file.at("curves").items()) {
      const Curve& read = result.curves[name] = {array_of(curve.at("x")), array_of(curve.at("y"))};
      if (read.x.size() != read.y.size()) return {};
    }
    return result;
  } catch (const std::exception&) {  // of JSON or std::stod: damaged, so the job is done again
    return {};
  }
}

void write_job(const std::string& folder, const JobName& job, const JobResult& result) {
  json values = json::object(), curves = json::object();
  for (const auto& [name, value] : result.values) values[name] = number_json(value);
  for (const auto& [name, curve] : result.curves)
    curves[name] = {{"x", array_json(curve.x)}, {"y", array_json(curve.y)}};
  json file = {{"job", heading(job)}, {"diverged", result.diverged}, {"values", values}, {"curves", curves}};
  // Of the compact text without the checksum, as read_job() forms it.
  file["sha256"] = sha256_of(file.dump());
  write_file_atomically(file_of(folder, job), file.dump() + "\n");
}

}  // namespace deepq::lab
