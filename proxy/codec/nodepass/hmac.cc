// SPDX-License-Identifier: Apache-2.0
#include "proxy/codec/nodepass/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "api/base/check.h"

namespace underpass::nodepass {

Digest HmacSha256(const Secret& key, std::span<const std::byte> message) {
  Digest digest{};
  std::size_t size = 0;
  const std::string& secret = key.Reveal();
  // OpenSSL reads a null message as "no message given" and fails; an empty span may be null.
  const auto* data = reinterpret_cast<const unsigned char*>(
      message.empty() ? secret.data() : static_cast<const void*>(message.data()));
  const unsigned char* done = EVP_Q_mac(
      nullptr, "HMAC", nullptr, "SHA256", nullptr, secret.data(), secret.size(), data,
      message.size(), reinterpret_cast<unsigned char*>(digest.data()), digest.size(), &size);
  CHECK(done != nullptr && size == digest.size());
  return digest;
}

bool EqualInConstantTime(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace underpass::nodepass
