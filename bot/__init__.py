"""Pullquote: follows WordPress publications and shows each post as a verbatim card in chat channels."""

__version__ = "0.1.0"
