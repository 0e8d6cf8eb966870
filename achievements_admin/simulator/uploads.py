"""Signed, expiring addresses for the parts of an image, and what may be sent to them (facts 8)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from .records import Image
from .rendering import content_type
from .rules import Rules
from .store import Store


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What the upload host says: a status and, when it refuses, why in plain text."""

    status: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Makes addresses and takes parts. The token of the API has no business here."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def address(self, base: str, image_id: str, part: int, expires: float) -> str:
        """Where a part goes, until `expires`."""
        signature = self._signature(image_id, part, int(expires))
        return f"{base}/_uploads/{image_id}/{part}?Expires={int(expires)}&Signature={signature}"

    def _signature(self, image_id: str, part: int, expires: int) -> str:
        return hmac.new(self.secret, f"{image_id}/{part}/{expires}".encode(), hashlib.sha256).hexdigest()

    def receive(
        self, store: Store, rules: Rules, *, method: str, path: str, query: str, headers: dict[str, str], content: bytes
    ) -> UploadAnswer:
        """Take a part: the exact method, headers and length, in any order, as often as wanted until the commit."""
        pieces = path.split("/")
        if len(pieces) != 4 or not pieces[3].isdigit():
            return UploadAnswer(404, "There is nothing here.")
        image_id, part = pieces[2], int(pieces[3])
        if "authorization" in headers:
            return UploadAnswer(400, "Only one auth mechanism allowed; the address is signed, send no Authorization.")
        given = parse_qs(query)
        expires, signature = given.get("Expires", ["0"])[0], given.get("Signature", [""])[0]
        if not expires.isdigit() or not hmac.compare_digest(self._signature(image_id, part, int(expires)), signature):
            return UploadAnswer(403, "The signature does not match.")
        if store.clock.now() > int(expires):
            return UploadAnswer(403, "The request has expired.")
        image = store.tables.get(Image, image_id)
        if image is None or image.state != "AWAITING_UPLOAD":
            return UploadAnswer(404, "The reservation does not exist any more.")
        return self._take(store, rules, image, part, method, headers, content)

    def _take(
        self, store: Store, rules: Rules, image: Image, part: int, method: str, headers: dict[str, str], content: bytes
    ) -> UploadAnswer:
        offset = part * rules.upload_part_bytes
        length = min(rules.upload_part_bytes, image.file_size - offset)
        if method != "PUT":
            return UploadAnswer(405, "The method is PUT.")
        if headers.get("content-type") != content_type(image.file_name):
            return UploadAnswer(403, f"The header Content-Type has to be {content_type(image.file_name)}.")
        if length <= 0 or len(content) != length:
            return UploadAnswer(400, f"The part has {len(content)} bytes; {max(length, 0)} were reserved.")
        store.parts.setdefault(image.id, {})[offset] = content
        return UploadAnswer(200)
