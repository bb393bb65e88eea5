// SPDX-License-Identifier: Apache-2.0
#include "api/base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>

namespace underpass {
namespace {

constexpr std::array<std::string_view, 6> kLevelNames = {"debug", "info",  "warn",
                                                         "error", "event", "none"};

std::atomic<LogLevel> current_level{LogLevel::kInfo};
std::atomic<LogFormat> current_format{LogFormat::kLogfmt};

void AppendEscaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\u%04x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
}

bool NeedsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void AppendQuoted(std::string& out, std::string_view value) {
  out += '"';
  AppendEscaped(out, value);
  out += '"';
}

void AppendField(std::string& out, LogFormat format, std::string_view key, std::string_view value,
                 bool number) {
  if (format == LogFormat::kJson) {
    if (out.back() != '{') out += ',';
    AppendQuoted(out, key);
    out += ':';
    if (number) {
      out += value;
    } else {
      AppendQuoted(out, value);
    }
    return;
  }
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  if (NeedsQuotes(value)) {
    AppendQuoted(out, value);
  } else {
    out += value;
  }
}

std::string Format(LogFormat format, std::string_view time, LogLevel level,
                   std::string_view message, std::initializer_list<LogField> fields) {
  std::string line;
  line.reserve(256);
  if (format == LogFormat::kJson) line += '{';
  if (!time.empty()) AppendField(line, format, "time", time, false);
  AppendField(line, format, "level", Name(level), false);
  AppendField(line, format, "msg", message, false);
  for (const LogField& field : fields)
    AppendField(line, format, field.key(), field.value(), field.number());
  if (format == LogFormat::kJson) line += '}';
  return line;
}

std::string Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, now.tv_nsec / 1000000);
  return text.data();
}

}  // namespace

std::string_view Name(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

bool ParseLogLevel(std::string_view name, LogLevel& level) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] != name) continue;
    level = static_cast<LogLevel>(i);
    return true;
  }
  return false;
}

void SetLogLevel(LogLevel level) { current_level.store(level, std::memory_order_relaxed); }
LogLevel CurrentLogLevel() { return current_level.load(std::memory_order_relaxed); }
void SetLogFormat(LogFormat format) { current_format.store(format, std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < CurrentLogLevel() || level == LogLevel::kNone) return;
  std::string line =
      Format(current_format.load(std::memory_order_relaxed), Now(), level, message, fields);
  line += '\n';
  // A full or closed standard error must not stop the data plane: a lost line is lost.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

std::string FormatLogLine(LogFormat format, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields) {
  return Format(format, "", level, message, fields);
}

}  // namespace underpass
