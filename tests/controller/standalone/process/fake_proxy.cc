// SPDX-License-Identifier: Apache-2.0
// Stands in for underpass-proxy: appends lines to $FAKE_PROXY_LOG for its flags, its start and its
// end, makes the admin socket's file, and ends at SIGTERM. While $FAKE_PROXY_LOG.crash exists it
// exits with 3 at once, while $FAKE_PROXY_LOG.stubborn exists it takes no SIGTERM.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace {

void Record(const std::string& log, const std::string& line) {
  const int fd = open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
  const std::string text = line + " " + std::to_string(getpid()) + "\n";
  if (fd < 0 || write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(4);
  close(fd);
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

int main(int argc, char** argv) {
  const char* log_path = std::getenv("FAKE_PROXY_LOG");
  if (log_path == nullptr || argc != 9) return 5;
  const std::string log = log_path;
  const std::string config = argv[2];
  const std::string socket = argv[4];
  // Waiting in sigwait instead of a handler: nothing is lost between the record and the wait.
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGTERM);
  sigaddset(&mask, SIGINT);
  sigset_t inherited;
  sigprocmask(SIG_BLOCK, &mask, &inherited);
  const bool clean = sigismember(&inherited, SIGTERM) == 0 && sigismember(&inherited, SIGCHLD) == 0;
  close(open(socket.c_str(), O_WRONLY | O_CREAT, 0600));
  const bool crash = Exists(log + ".crash");
  Record(log, std::string("flags ") + config + " " + argv[5] + " " + argv[6] + " " + argv[7] + " " +
                  argv[8]);
  const std::string what = crash ? "crash" : clean ? "start" : "blocked";
  Record(log, what + " " + argv[1] + " " + config + " " + argv[3] + " " + socket);
  if (crash) return 3;
  int signal = 0;
  do {
    sigwait(&mask, &signal);
    Record(log, (signal == SIGTERM ? "term " : "int ") + config);
  } while (Exists(log + ".stubborn"));
  return 0;
}
