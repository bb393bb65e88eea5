// SPDX-License-Identifier: Apache-2.0
// One line an event to standard error, logfmt or JSON. Values are quoted where needed; newlines and
// other control characters are escaped, so that a peer cannot forge a line. Thread: any. A line is
// written with one write(2).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace underpass {

// NodePass's names in URLs map onto these; kNone prints nothing.
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kEvent, kNone };
enum class LogFormat : std::uint8_t { kLogfmt, kJson };

std::string_view Name(LogLevel level);  // "debug" ... "none"
// True and sets `level` if `name` is one of debug info warn error event none.
bool ParseLogLevel(std::string_view name, LogLevel& level);

void SetLogLevel(LogLevel level);
LogLevel CurrentLogLevel();
void SetLogFormat(LogFormat format);

class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const char* value) : key_(key), value_(value) {}
  LogField(std::string_view key, const std::string& value) : key_(key), value_(value) {}
  template <std::integral T>
  LogField(std::string_view key, T value)
      : key_(key), value_(std::to_string(value)), number_(true) {}

  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  bool number() const { return number_; }

 private:
  std::string_view key_;  // a literal: [a-z_]+
  std::string value_;
  bool number_ = false;
};

// Writes one line if `level` is at or above the current level: time, level, msg, then the fields in
// order. `message` is a short constant phrase; what varies goes into fields ("tunnel", "peer",
// "reason", "error").
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// The line as Log would write it, without the time; for tests.
std::string FormatLogLine(LogFormat format, LogLevel level, std::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace underpass
