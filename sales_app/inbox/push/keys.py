"""The key pair by which push services know this installation (VAPID, RFC 8292)."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02


def is_on() -> bool:
    return bool(settings.CLEWLINE_PUSH_KEY)


def private_key() -> Vapid02:
    return _private_key(settings.CLEWLINE_PUSH_KEY)


@lru_cache(maxsize=1)
def _private_key(written: str) -> Vapid02:
    return Vapid02.from_raw(written.encode())


def public_key() -> str:
    """What a browser needs to subscribe: the point, uncompressed, in base64url without padding."""
    key: ec.EllipticCurvePrivateKey = private_key().private_key
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
