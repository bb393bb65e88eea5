// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "api/import/nodepass_url.h"

namespace underpass::import {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// "ms" before "m", since the first that fits is taken.
constexpr std::array<Unit, 6> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", 1'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"h", 3'600'000'000'000}}};

tl::unexpected<Error> NotADuration() {
  return Fail(ErrorCode::kInvalidConfig,
              "not a duration; one such as 500ms, 30s, 5m or 1h30m is allowed");
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

const Unit* TakeUnit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

// False on overflow.
bool AddDigits(std::string_view digits, std::int64_t unit, std::int64_t& total) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value))
      return false;
  }
  return !__builtin_mul_overflow(value, unit, &value) &&
         !__builtin_add_overflow(total, value, &total);
}

// The digits behind the point; what is below a nanosecond is dropped.
std::int64_t Fraction(std::string_view digits, std::int64_t unit) {
  double scale = static_cast<double>(unit);
  double value = 0;
  for (const char c : digits) {
    scale /= 10;
    value += scale * (c - '0');
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

Result<std::chrono::nanoseconds> ParseGoDuration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return NotADuration();
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::string_view whole = TakeDigits(text);
    std::string_view fraction;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      fraction = TakeDigits(text);
    }
    const Unit* unit = TakeUnit(text);
    if (unit == nullptr || (whole.empty() && fraction.empty())) return NotADuration();
    if (!AddDigits(whole, unit->nanoseconds, total) ||
        __builtin_add_overflow(total, Fraction(fraction, unit->nanoseconds), &total)) {
      return Fail(ErrorCode::kInvalidConfig, "too long; durations up to 292 years are allowed");
    }
  }
  return std::chrono::nanoseconds(total);
}

}  // namespace underpass::import
