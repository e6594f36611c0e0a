"""Long PDFs are made by a worker: the person waits on a page that looks again."""

from celery import shared_task

from sales_app.artifacts.errors import NoPdf
from sales_app.artifacts.models import ArtifactVersion
from sales_app.artifacts.pdf import make_pdf


@shared_task(name="sales_app.artifacts.typeset", ignore_result=True)
def typeset(*, version_id: int, audience: str) -> None:
    version = ArtifactVersion.objects.filter(pk=version_id).first()
    if version is None:
        return
    try:
        make_pdf(version, "outside" if audience == "outside" else "inside")
    except NoPdf:
        return  # it is kept; whoever waits is told
