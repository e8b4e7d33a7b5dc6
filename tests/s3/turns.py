"""A port of its own behind which several servers take the connections in turn, as behind a balancer without memory."""
import itertools
import socket
import threading


class Turns:
    """Listens on loopback. `ports`: of the servers. Ends with stop(); what is open then goes on until its end."""

    def __init__(self, ports):
        self._ports = itertools.cycle(ports)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", next(self._ports)))
            except OSError:
                return
            threading.Thread(target=carry, args=(client, server), daemon=True).start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def carry(client, server):
    with client, server:
        there = threading.Thread(target=hand_on, args=(client, server), daemon=True)
        there.start()
        hand_on(server, client)
        there.join()


def hand_on(source, target):
    """Until its end, which is handed on too; a reset counts as an end."""
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
