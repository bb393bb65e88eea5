// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_get.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

#include "tests/support/socket.h"

namespace underpass::support {
namespace {

std::string JoinChunks(const std::string& body) {
  std::string result;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t size = std::strtoul(body.c_str() + at, nullptr, 16);
    const std::size_t begin = body.find("\r\n", at);
    if (size == 0 || begin == std::string::npos) break;
    result += body.substr(begin + 2, size);
    at = begin + 2 + size + 2;
  }
  return result;
}

}  // namespace

std::optional<HttpReply> HttpGet(std::uint16_t port, const std::string& path, Deadline deadline) {
  Socket socket = Socket::Connect(port, deadline);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (!socket.valid() || !socket.SendAll(request, deadline)) return std::nullopt;
  const std::optional<std::string> answer = socket.ReceiveUntilEof(deadline);
  if (!answer || !answer->starts_with("HTTP/1.")) return std::nullopt;
  const std::size_t split = answer->find("\r\n\r\n");
  if (split == std::string::npos) return std::nullopt;

  HttpReply reply;
  reply.head = answer->substr(0, split);
  reply.body = answer->substr(split + 4);
  reply.status = std::atoi(answer->c_str() + sizeof("HTTP/1.1"));
  std::string lower = reply.head;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  if (lower.find("transfer-encoding: chunked") != std::string::npos)
    reply.body = JoinChunks(reply.body);
  return reply;
}

double MetricSum(std::string_view page, const std::string& name,
                 const std::vector<std::string>& labels) {
  double sum = 0;
  std::istringstream lines{std::string(page)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    const char after = line.size() > name.size() ? line[name.size()] : '\0';
    if (after != '{' && after != ' ') continue;
    const bool match = std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
      return line.find(label) != std::string::npos;
    });
    if (match) sum += std::atof(line.c_str() + line.rfind(' ') + 1);
  }
  return sum;
}

}  // namespace underpass::support
