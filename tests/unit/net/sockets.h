// SPDX-License-Identifier: Apache-2.0
// Plain sockets on loopback for tests: a server whose every byte the test decides, and a client
// that sends what no library would. Everything is bounded by a receive time-out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kontor::net {

/// One connection. Closes in the destructor.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { Close(); }

  static Socket Connect(std::uint16_t port);
  void Send(std::string_view bytes);
  /// Reads until `mark` was seen, the peer closed, or five seconds passed.
  std::string ReadUntil(std::string_view mark);
  /// One HTTP message with a Content-Length (or none), head and body.
  std::string ReadMessage();
  /// All until the peer closes.
  std::string ReadAll() { return ReadUntil({}); }
  /// True when the peer has closed and nothing is left to read.
  bool AtEnd() { return ReadAll().empty() && closed_; }
  void Close();
  /// Closes with a reset instead of a farewell.
  void Reset();

 private:
  bool Fill();

  int fd_;
  bool closed_ = false;
  std::string buffer_;
};

/// Accepts connections on a free port of 127.0.0.1 and runs `serve` for each, one after the other.
class RawServer {
 public:
  explicit RawServer(std::function<void(Socket&)> serve);
  ~RawServer();
  std::uint16_t port() const { return port_; }
  std::string Url(std::string_view path = "/") const;
  int connections() const { return connections_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  std::function<void(Socket&)> serve_;
  std::thread thread_;
};

/// A port of 127.0.0.1 on which nobody listens.
std::uint16_t ClosedPort();

}  // namespace kontor::net
