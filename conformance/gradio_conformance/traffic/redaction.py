"""What proves who somebody is, replaced in traffic that is shown or saved.

The same secret gets the same name each time, so that where it goes can still be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from itertools import pairwise
from urllib.parse import quote
from urllib.parse import unquote_plus

from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import Headers
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen

TOKENS = ("authorization", "proxy-authorization", "x-hf-authorization", "x-api-key")
COOKIES = ("cookie", "set-cookie")
ATTRIBUTES = ("path", "domain", "expires", "max-age", "samesite")
# Shorter ones are not looked for all over the bodies: they would be found in words.
SHORTEST = 8
_NAMES = rb"(?:password|passwd|passphrase|secret|client_secret|api_?key|authorization"
_NAMES += rb"|(?:access|refresh|id|hf|oauth|auth|bearer|session)_?token"
# Where a secret stands by the name of its field: in JSON, in a query or form, in a part of a form.
_FIELDS = (
    re.compile(rb'(?i)"%s)"\s*:\s*"((?:[^"\\]|\\.)*)"' % _NAMES),
    re.compile(rb"(?i)(?:^|[?&])%s|token|__sign)=([^&\s#]+)" % _NAMES),
    re.compile(rb'(?i)name="%s|token)"\r\n\r\n([^\r\n]*)' % _NAMES),
)
Span = tuple[int, int, bytes]


class Redactor:
    """Learns secrets from the observations that it is given, in order, and takes them out."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}  # secret → what stands for it
        self._anywhere: tuple[re.Pattern[bytes], Mapping[bytes, str]] | None = None

    def of(self, observation: Observation) -> Observation:
        """The same observation without its secrets."""
        if isinstance(observation, RequestSeen):
            headers = self.headers(observation.headers)
            target, body = self.text(observation.target), self.data(observation.body)
            return replace(observation, headers=headers, target=target, body=body)
        if isinstance(observation, AnswerBegan):
            return replace(observation, headers=self.headers(observation.headers))
        if isinstance(observation, BodyPiece):
            return replace(observation, data=self.data(observation.data))
        return observation

    def all(self, observations: Sequence[Observation]) -> tuple[Observation, ...]:
        """A whole recording: a secret that is cut in two by the pieces of a body is found, too, and
        one that was told before it was known to be one.
        """
        bodies: dict[int, list[bytes]] = {}
        for observation in observations:
            self.of(observation)
            if isinstance(observation, BodyPiece):
                bodies.setdefault(observation.id, []).append(observation.data)
        for pieces in bodies.values():
            self.data(b"".join(pieces))
        clean = {number: self.pieces(pieces) for number, pieces in bodies.items()}
        return tuple(
            replace(o, data=next(clean[o.id])) if isinstance(o, BodyPiece) else self.of(o)
            for o in observations
        )

    # -- parts of observations ----------------------------------------------------------------

    def headers(self, headers: Headers) -> Headers:
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def text(self, text: str) -> str:
        """Any text, without the secrets that are known or that stand beside their name."""
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def data(self, data: bytes) -> bytes:
        for start, end, new in reversed(self._spans(data)):
            data = data[:start] + new + data[end:]
        return data

    def pieces(self, pieces: Sequence[bytes]) -> Iterator[bytes]:
        """The pieces of one body; a name stands in the piece in which its secret ended."""
        whole = b"".join(pieces)
        ends = list(accumulate(map(len, pieces), initial=0))
        for start, end, new in reversed(self._spans(whole)):
            whole = whole[:start] + new + whole[end:]
            longer = len(new) - (end - start)
            ends = [at if at <= start else max(at, end) + longer for at in ends]
        for start, end in pairwise(ends):
            yield whole[start:end]

    def _header(self, name: str, value: str) -> str:
        if name in TOKENS:
            scheme, space, secret = value.rpartition(" ")
            return scheme + space + self._name(secret)
        if name in COOKIES:
            return "; ".join(map(self._cookie, value.split("; ")))
        return self.text(value)

    def _cookie(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if not equals or name.strip().lower() in ATTRIBUTES:
            return pair
        return f"{name}={self._name(value)}"

    # -- secrets ------------------------------------------------------------------------------

    def _name(self, secret: str) -> str:
        if not secret or re.fullmatch(r"redacted-\d+", secret):
            return secret  # or redacted before
        if secret not in self._names:
            self._names[secret] = f"redacted-{len(self._names) + 1}"
            self._anywhere = None
        return self._names[secret]

    def _spans(self, data: bytes) -> list[Span]:
        """Where the secrets are and what shall stand there, in order, none inside another."""
        found: list[Span] = []
        for pattern in _FIELDS:
            for field in pattern.finditer(data):
                secret = _read(field[1], is_json=pattern is _FIELDS[0])
                found.append((*field.span(1), self._name(secret).encode()))
        pattern, plain = self._pattern()
        found += [
            (*match.span(), self._names[plain[match[0]]].encode())
            for match in pattern.finditer(data)
        ]
        kept: list[Span] = []
        for span in sorted(found):
            if not kept or span[0] >= kept[-1][1]:
                kept.append(span)
        return kept

    def _pattern(self) -> tuple[re.Pattern[bytes], Mapping[bytes, str]]:
        if self._anywhere is None:
            # As it is, as a query has it, and as JSON writes it.
            plain = {
                form.encode(): secret
                for secret in self._names
                if len(secret) >= SHORTEST
                for form in (quote(secret, safe=""), json.dumps(secret)[1:-1], secret)
            }
            longest_first = sorted(plain, key=len, reverse=True)
            pattern = re.compile(b"|".join(map(re.escape, longest_first)) or b"(?!)")
            self._anywhere = (pattern, plain)
        return self._anywhere


def _read(raw: bytes, *, is_json: bool) -> str:
    text = raw.decode("utf-8", "replace")
    if not is_json:
        return unquote_plus(text)
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
