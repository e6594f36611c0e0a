"""Passes: a short-lived, signed address of one version's content, which needs no login and is bound to who embeds it.

The content is opened in a frame that may not know who looks at it; so its address says all that is needed.
"""

from dataclasses import asdict, dataclass

from django.core import signing
from django.http import HttpRequest

from sales_app.artifacts.models import ArtifactVersion, ShareLink
from sales_app.artifacts.places import content_source, own_origin

SALT = "sales_app.artifacts.content"
SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Pass:
    """``link`` is the share link through which an outsider comes; ``prints`` lets the page open the browser's print dialog.

    ``by`` is the origin of the page that embeds it.
    """

    version: int
    by: str
    link: int | None = None
    prints: bool = False


def content_url(
    request: HttpRequest, version: ArtifactVersion, *, link: ShareLink | None = None, prints: bool = False
) -> str:
    given = Pass(version=version.pk, by=own_origin(request), link=link.pk if link else None, prints=prints)
    token = signing.dumps(asdict(given), salt=SALT, compress=True)
    return f"{content_source(request)}{token}/"


def read_pass(token: str) -> Pass | None:
    """None when it is none of ours, or too old."""
    try:
        return Pass(**signing.loads(token, salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError, ValueError):
        return None
