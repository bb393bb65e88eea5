// SPDX-License-Identifier: Apache-2.0
// The names of enum values as documents write them. One table an enum serves printing (Name),
// reading and the list of what is allowed in an error.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::v1alpha1 {

template <typename E, std::size_t N>
using NameTable = std::array<std::pair<E, std::string_view>, N>;

template <typename E>
inline constexpr NameTable<E, 0> kNames = {};

template <>
inline constexpr NameTable<PoolRole, 2> kNames<PoolRole> = {
    {{PoolRole::kServer, "Server"}, {PoolRole::kClient, "Client"}}};

template <>
inline constexpr NameTable<TransportKind, 4> kNames<TransportKind> = {
    {{TransportKind::kTcp, "TCP"},
     {TransportKind::kQuic, "QUIC"},
     {TransportKind::kWebSocket, "WebSocket"},
     {TransportKind::kHttp2, "HTTP2"}}};

template <>
inline constexpr NameTable<Flow, 3> kNames<Flow> = {
    {{Flow::kAuto, "Auto"}, {Flow::kReverse, "Reverse"}, {Flow::kForward, "Forward"}}};

template <>
inline constexpr NameTable<TlsMode, 3> kNames<TlsMode> = {{{TlsMode::kDisabled, "Disabled"},
                                                           {TlsMode::kSelfSigned, "SelfSigned"},
                                                           {TlsMode::kCertificate, "Certificate"}}};

template <>
inline constexpr NameTable<Balance, 3> kNames<Balance> = {
    {{Balance::kRoundRobin, "RoundRobin"},
     {Balance::kLeastLatency, "LeastLatency"},
     {Balance::kPrimaryBackup, "PrimaryBackup"}}};

template <>
inline constexpr NameTable<ProxyProtocol, 3> kNames<ProxyProtocol> = {
    {{ProxyProtocol::kNone, "None"}, {ProxyProtocol::kV1, "V1"}, {ProxyProtocol::kV2, "V2"}}};

template <>
inline constexpr NameTable<Protocol, 2> kNames<Protocol> = {
    {{Protocol::kTcp, "TCP"}, {Protocol::kUdp, "UDP"}}};

template <>
inline constexpr NameTable<BlockedProtocol, 3> kNames<BlockedProtocol> = {
    {{BlockedProtocol::kSocks, "SOCKS"},
     {BlockedProtocol::kHttp, "HTTP"},
     {BlockedProtocol::kTls, "TLS"}}};

}  // namespace underpass::v1alpha1
