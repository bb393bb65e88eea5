// SPDX-License-Identifier: Apache-2.0
#include "proxy/admin/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace underpass::admin {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

void Append(std::vector<MetricFamily>& families, const char* name, const char* help,
            MetricType type, double value) {
  MetricFamily& family = families.emplace_back();
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

// Fields of /proc/self/stat, with the numbers that proc(5) gives them.
struct ProcStat {
  double utime_ticks = 0;     // 14
  double stime_ticks = 0;     // 15
  double start_ticks = 0;     // 22, since boot
  double virtual_bytes = 0;   // 23
  double resident_pages = 0;  // 24
};

std::optional<ProcStat> ReadProcStat() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // Field 2 is the program's name in parentheses and may itself hold spaces and parentheses.
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(end_of_name + 1));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  constexpr std::size_t kFirst = 3;  // number of fields[0]
  if (fields.size() <= 24 - kFirst) return std::nullopt;
  const auto field = [&](std::size_t number) {
    return std::strtod(fields[number - kFirst].c_str(), nullptr);
  };
  return ProcStat{field(14), field(15), field(22), field(23), field(24)};
}

// Seconds since 1970.
std::optional<double> ReadBootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    if (word == "btime") {
      double seconds = 0;
      if (file >> seconds) return seconds;
    }
  }
  return std::nullopt;
}

std::optional<double> CountDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator iterator("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = -1;  // the iterator's own
  for (; iterator != std::filesystem::directory_iterator(); iterator.increment(error)) {
    if (error) return std::nullopt;
    ++count;
  }
  return count;
}

void AppendDescriptors(std::vector<MetricFamily>& families) {
  if (const std::optional<double> open = CountDescriptors()) {
    Append(families, "process_open_fds", "Open file descriptors.", MetricType::Gauge, *open);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    Append(families, "process_max_fds", "Limit of open file descriptors.", MetricType::Gauge,
           static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

std::vector<MetricFamily> CollectProcessMetrics() {
  std::vector<MetricFamily> families;
  if (const std::optional<ProcStat> stat = ReadProcStat()) {
    const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    Append(families, "process_cpu_seconds_total", "User and system CPU time in seconds.",
           MetricType::Counter, (stat->utime_ticks + stat->stime_ticks) / ticks_per_second);
    Append(families, "process_resident_memory_bytes", "Resident memory in bytes.",
           MetricType::Gauge, stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
    Append(families, "process_virtual_memory_bytes", "Virtual memory in bytes.", MetricType::Gauge,
           stat->virtual_bytes);
    if (const std::optional<double> boot = ReadBootTime()) {
      Append(families, "process_start_time_seconds", "Start of the process, in seconds since 1970.",
             MetricType::Gauge, *boot + stat->start_ticks / ticks_per_second);
    }
  }
  AppendDescriptors(families);
  return families;
}

}  // namespace underpass::admin
