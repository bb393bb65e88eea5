# SPDX-License-Identifier: Apache-2.0
# Debian 12 packages; scripts/install_dependencies.sh is the list. docs/adr/0002 says why these.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(tl-expected REQUIRED CONFIG)
find_package(GTest 1.12 REQUIRED CONFIG)
pkg_check_modules(LIBEVENT REQUIRED IMPORTED_TARGET libevent_core)

if(UNDERPASS_GRPC)
  find_package(CLI11 2.1 REQUIRED CONFIG)
  find_package(ZLIB REQUIRED)
  find_package(Protobuf 3.21 REQUIRED)
  find_package(gRPC 1.51 REQUIRED CONFIG)
  find_package(prometheus-cpp REQUIRED CONFIG COMPONENTS core)
  pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
endif()
