// SPDX-License-Identifier: Apache-2.0
// Random specs that Validate takes, for properties such as "prints and reads back".
// Thread: one.
#pragma once

#include <random>
#include <string>

#include "api/v1alpha1/spec_reader.h"
#include "api/v1alpha1/tunnel_spec.h"

namespace underpass::v1alpha1 {

class SpecGenerator {
 public:
  // form: which fields there are.
  SpecGenerator(std::uint32_t seed, SpecForm form) : random_(seed), form_(form) {}

  Tunnel Make() {
    Tunnel tunnel;
    tunnel.metadata.name = "t" + std::to_string(++count_);
    if (Coin()) tunnel.metadata.namespace_name = "shop";
    tunnel.spec = MakeSpec();
    return tunnel;
  }

 private:
  int Pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool Coin() { return Pick(0, 1) == 1; }
  template <typename E>
  E PickEnum(E last) {
    return static_cast<E>(Pick(0, static_cast<int>(last)));
  }

  HostPort MakeAddress(int low_port, int high_port) {
    static const std::vector<std::string> kHosts = {"10.0.0.7", "::1", "db.example.com",
                                                    "true",     "12",  "fe80::1%eth0"};
    return {kHosts[static_cast<std::size_t>(Pick(0, 5))],
            static_cast<std::uint16_t>(Pick(low_port, high_port))};
  }

  // Any text, with what needs escaping.
  std::string MakeText() {
    static const std::vector<std::string> kPieces = {
        "a", "1",      "\"", "\\", " ", ": ", "#", "\n", "\t", "\x01",  "\x7f",
        "é", "\u2028", "😀", "-",  "'", "{",  "&", "*",  "%",  "\ufeff"};
    std::string text;
    for (int i = Pick(1, 12); i > 0; --i) {
      text += kPieces[static_cast<std::size_t>(Pick(0, static_cast<int>(kPieces.size()) - 1))];
    }
    return text;
  }

  KeySource MakeKey() {
    KeySource key;
    const int choice = Pick(0, 2);
    if (form_ == SpecForm::kTunnel) {
      if (choice > 0) key.secret_ref = SecretKeyRef{"db.key", "tls.KEY_1"};
    } else if (choice == 1) {
      key.file = "material/db key";
    } else if (choice == 2) {
      key.value = Secret(MakeText());
    }
    return key;
  }

  TlsSpec MakeTls() {
    TlsSpec tls;
    tls.mode = PickEnum(TlsMode::kCertificate);
    if (form_ == SpecForm::kTunnel) {
      tls.secret_name = "cert";
      if (Coin()) tls.ca_secret_name = "ca";
    } else {
      tls.cert_file = "1.5";
      tls.key_file = "null";
    }
    if (Coin()) tls.server_name = "db.example.com";
    return tls;
  }

  PoolSpec MakePool() {
    PoolSpec pool;
    pool.role = PickEnum(PoolRole::kClient);
    pool.address = MakeAddress(1, 999);
    if (pool.role == PoolRole::kServer) pool.transport = PickEnum(TransportKind::kHttp2);
    pool.flow = PickEnum(Flow::kForward);
    pool.key = MakeKey();
    if (Coin()) pool.tls = MakeTls();
    pool.idle.min = Pick(1, 2000);
    pool.idle.max = pool.idle.min + Pick(0, 2000);
    return pool;
  }

  ListenSpec MakeListen() {
    ListenSpec listen;
    if (Coin()) listen.address = MakeAddress(1, 1).host;
    listen.port = static_cast<std::uint16_t>(Pick(1000, 1999));
    const int choice = Pick(0, 3);
    if (choice == 1) listen.protocols = {Protocol::kTcp};
    if (choice == 2) listen.protocols = {Protocol::kUdp};
    if (choice == 3) listen.protocols = {Protocol::kUdp, Protocol::kTcp};
    return listen;
  }

  TunnelSpec MakeSpec() {
    TunnelSpec spec;
    const bool forward = Pick(0, 3) == 0;
    if (forward) {
      spec.kind = ForwardSpec{};
    } else {
      spec.kind = MakePool();
    }
    if (forward || Coin()) spec.listen = MakeListen();
    for (int i = Pick(spec.listen && !forward ? 0 : 1, 3); i > 0; --i)
      spec.targets.push_back({MakeAddress(2000, 65535)});
    spec.balance = PickEnum(Balance::kPrimaryBackup);
    if (Coin()) spec.access.block = {BlockedProtocol::kTls, BlockedProtocol::kSocks};
    if (Coin())
      spec.limits = {Pick(0, 9), Pick(0, 2147483647), std::chrono::seconds(Pick(0, 31536000))};
    if (Coin()) spec.dial = {Coin() ? "::1" : "", std::chrono::seconds(Pick(0, 600))};
    spec.proxy_protocol = PickEnum(ProxyProtocol::kV2);
    if (form_ == SpecForm::kTunnel && Coin()) spec.group = "g-1";
    return spec;
  }

  std::mt19937 random_;
  SpecForm form_;
  int count_ = 0;
};

}  // namespace underpass::v1alpha1
