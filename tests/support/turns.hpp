// Daemons that take turns: what a test sends to the port of one goes to each of those behind it, one request or
// connection after the other, as a balancer without memory would do. So what a daemon remembers of itself alone shows.
//
// Threads: any.
#pragma once

namespace nexus::test {

/// While it lives, `port` and `other` take turns for what is sent to `port`.
class Turns {
 public:
  Turns(int port, int other);
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

 private:
  const int port_;
};

/// Whose turn it is for what is sent to `port`: the port itself where nobody stands beside it.
int next_port(int port);

}  // namespace nexus::test
