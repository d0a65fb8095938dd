"""Refuse the network: Python imports this by itself where its folder is on PYTHONPATH (see offline.py)."""

import errno
import ipaddress
import socket

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _is_here(host) -> bool:
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(host):
    raise OSError(errno.ENETUNREACH, f"the network is switched off here, and {host} is outside")


def _guarded(original):
    def call(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            _refuse(address[0])
        return original(self, address)

    return call


def getaddrinfo(host, *args, **kwargs):
    if not _is_here(host):
        raise socket.gaierror(socket.EAI_NONAME, f"the network is switched off here, and {host} is outside")
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.connect = _guarded(_connect)
socket.socket.connect_ex = _guarded(_connect_ex)
socket.getaddrinfo = getaddrinfo
