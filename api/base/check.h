// SPDX-License-Identifier: Apache-2.0
// CHECK(condition): a broken invariant ends the process with the place. DCHECK: the same in builds
// without NDEBUG. For bugs only; bad input and failing systems are Errors.
#pragma once

namespace underpass {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace underpass

#define CHECK(condition)                                                                        \
  (__builtin_expect(!(condition), 0) ? ::underpass::CheckFailed(#condition, __FILE__, __LINE__) \
                                     : (void)0)

#ifdef NDEBUG
#define DCHECK(condition) ((void)sizeof(condition))
#else
#define DCHECK(condition) CHECK(condition)
#endif
