// SPDX-License-Identifier: Apache-2.0
#include "api/base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "api/base/check.h"

namespace underpass {
namespace {

struct Text {
  std::string_view name;
  std::string_view next_step;
};

Text TextOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidConfig:
      return {"InvalidConfig", "correct the field and apply again"};
    case ErrorCode::kUnsupported:
      return {"Unsupported", "remove the parameter; this version cannot run it"};
    case ErrorCode::kTooLarge:
      return {"TooLarge", ""};
    case ErrorCode::kAddressInUse:
      return {"AddressInUse", "stop the program that holds the port (ss -ltnp), or choose another"};
    case ErrorCode::kPermissionDenied:
      return {"PermissionDenied", "ports below 1024 need a capability; choose a higher port"};
    case ErrorCode::kDescriptorsExhausted:
      return {"DescriptorsExhausted", "raise the limit of open files (ulimit -n, LimitNOFILE=)"};
    case ErrorCode::kResolveFailed:
      return {"ResolveFailed", "check the name and the DNS server"};
    case ErrorCode::kConnectRefused:
      return {"ConnectRefused", "is the other end running, and the port right?"};
    case ErrorCode::kConnectFailed:
      return {"ConnectFailed", "check routes and firewalls to the address"};
    case ErrorCode::kTimeout:
      return {"Timeout", "is a firewall or NetworkPolicy dropping the packets?"};
    case ErrorCode::kConnectionReset:
      return {"ConnectionReset", ""};
    case ErrorCode::kIoError:
      return {"IoError", ""};
    case ErrorCode::kMalformedFrame:
      return {"MalformedFrame", "is the peer a NodePass 1.13 or later, or Underpass?"};
    case ErrorCode::kAuthFailed:
      return {"AuthFailed", "use the same key at both ends"};
    case ErrorCode::kMethodNotAllowed:
      return {"MethodNotAllowed", "the tunnel port speaks the tunnel protocol only"};
    case ErrorCode::kPathNotFound:
      return {"PathNotFound", "the tunnel port speaks the tunnel protocol only"};
    case ErrorCode::kHandshakeRejected:
      return {"HandshakeRejected", "is the address that of a NodePass or Underpass server?"};
    case ErrorCode::kPeerTooOld:
      return {"PeerTooOld", "upgrade the peer: NodePass 1.13 is the oldest that is spoken"};
    case ErrorCode::kPeerUnknown:
      return {"PeerUnknown", "the peer offers what this version does not know; upgrade Underpass"};
    case ErrorCode::kAddressMismatch:
      return {"AddressMismatch", "a NodePass client must keep one source address"};
    case ErrorCode::kReplayed:
      return {"Replayed", "someone may be replaying recorded traffic"};
    case ErrorCode::kUnknownId:
      return {"UnknownId", ""};
    case ErrorCode::kPeerSilent:
      return {"PeerSilent", "check the network between the two ends"};
    case ErrorCode::kPeerClosed:
      return {"PeerClosed", "look at the peer's log; it is retried at once"};
    case ErrorCode::kPeerDraining:
      return {"PeerDraining", "the peer is shutting down; it is retried"};
    case ErrorCode::kFlowMismatch:
      return {"FlowMismatch", "the entry side needs `listen`, the exit side `targets`"};
    case ErrorCode::kSlotLimit:
      return {"SlotLimit", "raise limits.connections (slot)"};
    case ErrorCode::kPoolExhausted:
      return {"PoolExhausted", "raise the pool's min at the client, or use Underpass at both ends"};
    case ErrorCode::kPoolFull:
      return {"PoolFull", "raise the pool's max at the server"};
    case ErrorCode::kQueueFull:
      return {"QueueFull", ""};
    case ErrorCode::kIdleTimeout:
      return {"IdleTimeout", ""};
    case ErrorCode::kDraining:
      return {"Draining", ""};
    case ErrorCode::kNotFound:
      return {"NotFound", ""};
    case ErrorCode::kInternal:
      return {"Internal", "please report this"};
  }
  CHECK(false);
}

}  // namespace

std::string_view Name(ErrorCode code) { return TextOf(code).name; }

std::string_view NextStep(ErrorCode code) { return TextOf(code).next_step; }

ErrorCode ErrorCodeFromErrno(int sys_errno) {
  switch (sys_errno) {
    case EADDRINUSE:
      return ErrorCode::kAddressInUse;
    case EACCES:
    case EPERM:
      return ErrorCode::kPermissionDenied;
    case EMFILE:
    case ENFILE:
      return ErrorCode::kDescriptorsExhausted;
    case ECONNREFUSED:
      return ErrorCode::kConnectRefused;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EADDRNOTAVAIL:
      return ErrorCode::kConnectFailed;
    case ETIMEDOUT:
      return ErrorCode::kTimeout;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return ErrorCode::kConnectionReset;
    case ENOENT:
      return ErrorCode::kNotFound;
    default:
      return ErrorCode::kIoError;
  }
}

std::string Error::ToString() const {
  std::string text = context;
  if (!text.empty()) text += ": ";
  text += Name(code);
  if (sys_errno != 0) {
    text += " (";
    text += std::strerror(sys_errno);  // NOLINT(concurrency-mt-unsafe): glibc's is thread-safe
    text += ")";
  }
  return text;
}

Error ErrnoError(int sys_errno, std::string context) {
  return Error{ErrorCodeFromErrno(sys_errno), sys_errno, std::move(context)};
}

}  // namespace underpass
