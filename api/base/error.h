// SPDX-License-Identifier: Apache-2.0
// What can go wrong, as one closed list. The same names are the `reason` label of metrics, the
// `reason` key of log lines and the reasons in status, so that a person finds one word everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace underpass {

// Adding a value: add its name and its hint in error.cc (the compiler asks for both).
enum class ErrorCode : std::uint8_t {
  // Configuration.
  kInvalidConfig,  // a field has a value that is not allowed
  kUnsupported,    // valid, but this version cannot run it
  kTooLarge,       // a document, line, head or frame over its limit
  // The operating system and the network.
  kAddressInUse,
  kPermissionDenied,
  kDescriptorsExhausted,  // EMFILE or ENFILE
  kResolveFailed,
  kConnectRefused,
  kConnectFailed,  // any other failed connect; sys_errno says which
  kTimeout,        // a deadline passed; the context says which
  kConnectionReset,
  kIoError,
  // The peer.
  kMalformedFrame,  // bytes that are not of the protocol
  kAuthFailed,      // wrong key or token
  kMethodNotAllowed,
  kPathNotFound,
  kHandshakeRejected,  // the server answered, and not with 200
  kPeerTooOld,         // a NodePass before 1.13
  kPeerUnknown,        // a peer that offers what no known version does
  kAddressMismatch,    // a pool connection from another address than the handshake's
  kReplayed,           // a pool connection whose counter was seen before
  kUnknownId,          // a signal names a pool connection that does not exist
  kPeerSilent,         // no line on the control connection for its limit
  kPeerClosed,         // the control connection ended
  kPeerDraining,       // the peer said goaway
  kFlowMismatch,       // this side is the entry without `listen`, or the exit without `targets`
  // Limits.
  kSlotLimit,      // the tunnel's limit of connections
  kPoolExhausted,  // no pool connection within the pool wait
  kPoolFull,       // a pool connection beyond the capacity
  kQueueFull,      // a bounded queue is full
  kIdleTimeout,    // no data for the idle time-out
  // The process.
  kDraining,
  kNotFound,
  kInternal,
};

inline constexpr std::size_t kErrorCodeCount = static_cast<std::size_t>(ErrorCode::kInternal) + 1;

// CamelCase without the k, such as "AddressInUse". Static storage.
std::string_view Name(ErrorCode code);

// What a person should do next, one sentence, or "" where the context says all. Static storage.
std::string_view NextStep(ErrorCode code);

// Maps a failed system call. Unknown values become kIoError.
ErrorCode ErrorCodeFromErrno(int sys_errno);

struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  int sys_errno = 0;  // 0 = none
  std::string
      context;  // what was attempted, with the field or address; no secret, no trailing newline

  // "listen on 0.0.0.0:80: AddressInUse (Address already in use)"
  std::string ToString() const;
};

// An Error from errno, with the code that fits it.
Error ErrnoError(int sys_errno, std::string context);

}  // namespace underpass
