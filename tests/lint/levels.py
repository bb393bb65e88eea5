# SPDX-License-Identifier: Apache-2.0
"""The order of the folders, and which of them may include which third-party headers. The one place for both.

A folder includes folders of a lower level only. Levels are (area, level): api lies below proxy and controller, which
do not see each other; cli sees what CLI_MAY_INCLUDE names.
"""

LEVELS = {
    "api/base": 0,
    "api/v1alpha1": 1,
    "api/config": 2,
    "api/import": 3,
    "api/admin": 3,
    "proxy/core": 1,
    "proxy/event": 2,
    "proxy/net": 2,
    "proxy/tls": 2,
    "proxy/codec": 2,
    "proxy/relay": 2,
    "proxy/transport": 3,
    "proxy/entry": 3,
    "proxy/upstream": 3,
    "proxy/tunnel": 4,
    "proxy/admin": 5,
    "proxy/master": 5,
    "proxy/mapping_api": 5,
    "proxy/app": 6,
    "proxy/main.cc": 7,
    "controller/kube": 1,
    "controller/plan": 1,
    "controller/pki": 1,
    "controller/proxies": 1,
    "controller/runtime": 2,
    "controller/reconcile": 3,
    "controller/webhook": 3,
    "controller/standalone": 3,
    "controller/app": 4,
    "controller/main.cc": 5,
    "cli": 1,
}

# Codecs that may use another codec, which belongs to the layer below.
CODEC_LAYERS = {
    "proxy/codec/nodepass": {"proxy/codec/http1"},
    "proxy/codec/websocket": {"proxy/codec/http1"},
}

CLI_MAY_INCLUDE = {"controller/kube", "controller/plan", "controller/proxies"}
CLI_HIGHEST_PROXY_LEVEL = 2

# Code generated from admin.proto: the prefix of its headers, and who may include them.
GENERATED = {"api/admin/v1/admin.": ("proxy/admin", "controller/proxies", "cli")}

# Prefix of an angle include -> folders (or files) that may include it.
THIRD_PARTY = {
    "CLI/": ("proxy/main.cc", "controller/main.cc", "cli/main.cc"),
    "event2/": ("proxy/event", "proxy/net"),
    "gnutls/": ("proxy/transport/quic",),
    "google/protobuf/": ("proxy/admin", "controller/proxies", "cli"),
    "grpc/": ("proxy/admin", "controller/proxies", "cli"),
    "grpcpp/": ("proxy/admin", "controller/proxies", "cli"),
    "httplib.h": (
        "controller/kube", "controller/webhook", "controller/app", "proxy/admin", "proxy/master",
        "proxy/mapping_api", "cli",
    ),
    "nghttp2/": ("proxy/transport/http2",),
    "ngtcp2/": ("proxy/transport/quic",),
    "nlohmann/": (
        "api", "proxy/codec/nodepass", "proxy/master", "proxy/mapping_api", "controller/kube",
        "controller/plan", "controller/webhook", "cli",
    ),
    "openssl/": (
        "proxy/tls", "proxy/codec", "proxy/transport", "controller/pki", "controller/kube",
        "controller/webhook",
    ),
    "prometheus/": ("proxy/admin", "controller/app"),
    "sqlite3.h": ("proxy/mapping_api",),
    "tl/": ("api/base/result.h",),
    "yaml-cpp/": ("api",),
}

# Angle includes that are the C and C++ libraries or the kernel: no dot, or one of these.
SYSTEM_PREFIXES = ("arpa/", "linux/", "net/", "netinet/", "sys/")
SYSTEM_HEADERS = {
    "dirent.h", "endian.h", "fcntl.h", "grp.h", "ifaddrs.h", "netdb.h", "poll.h", "pthread.h", "pwd.h",
    "sched.h", "signal.h", "spawn.h", "stdlib.h", "string.h", "syslog.h", "termios.h", "time.h", "unistd.h",
}
