"""Documents: what a skill produced, as values: sections of statements with citations, from which pages are rendered."""

from sales_app.documents.document import Block, Document, Section, document_from_json

__all__ = ["Block", "Document", "Section", "document_from_json"]
