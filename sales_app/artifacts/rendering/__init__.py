"""From a document to one self-contained page."""

from sales_app.artifacts.rendering.page import render

__all__ = ["render"]
