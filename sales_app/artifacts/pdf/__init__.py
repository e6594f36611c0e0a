"""PDF of a version: typeset from the document, not printed from the page."""

from sales_app.artifacts.pdf.making import is_heavy, make_pdf, pdf_of
from sales_app.artifacts.pdf.typesetting import typeset

__all__ = ["is_heavy", "make_pdf", "pdf_of", "typeset"]
