// SPDX-License-Identifier: Apache-2.0
// Blocking sockets with a receive time-out of five seconds; a test that waits longer has failed.
#include "tests/unit/net/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace kontor::net {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Listen(std::uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 64) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback port for a test");
  }
  *port = ntohs(address.sin_port);
  return fd;
}

void Bound(int fd) {
  const timeval limit{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

}  // namespace

Socket Socket::Connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  Bound(fd);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    throw std::runtime_error("a test cannot connect");
  }
  return Socket(fd);
}

void Socket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the peer hung up, which some tests want
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Socket::Fill() {
  char chunk[16384];
  const ssize_t got = recv(fd_, chunk, sizeof(chunk), 0);
  if (got == 0) closed_ = true;
  if (got <= 0) return false;
  buffer_.append(chunk, static_cast<std::size_t>(got));
  return true;
}

std::string Socket::ReadUntil(std::string_view mark) {
  while (true) {
    const std::size_t at = mark.empty() ? std::string::npos : buffer_.find(mark);
    if (at != std::string::npos) {
      std::string read = buffer_.substr(0, at + mark.size());
      buffer_.erase(0, read.size());
      return read;
    }
    if (!Fill()) {
      std::string read;
      read.swap(buffer_);
      return read;
    }
  }
}

std::string Socket::ReadMessage() {
  std::string message = ReadUntil("\r\n\r\n");
  std::string lower = message;
  for (char& c : lower) c = static_cast<char>(tolower(static_cast<unsigned char>(c)));
  const std::size_t at = lower.find("content-length:");
  if (at == std::string::npos) return message;
  const std::size_t length = std::stoul(lower.substr(at + 15));
  while (buffer_.size() < length && Fill()) {
  }
  message += buffer_.substr(0, length);
  buffer_.erase(0, length);
  return message;
}

void Socket::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Socket::Reset() {
  const linger hard{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  Close();
}

RawServer::RawServer(std::function<void(Socket&)> serve) : serve_(std::move(serve)) {
  fd_ = Listen(&port_);
  thread_ = std::thread([this] {
    while (true) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      Socket connection(fd);
      if (stopping_) return;
      Bound(fd);
      ++connections_;
      serve_(connection);
    }
  });
}

RawServer::~RawServer() {
  stopping_ = true;
  shutdown(fd_, SHUT_RDWR);  // wakes accept()
  thread_.join();
  close(fd_);
}

std::string RawServer::Url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::uint16_t ClosedPort() {
  std::uint16_t port = 0;
  close(Listen(&port));
  return port;
}

}  // namespace kontor::net
