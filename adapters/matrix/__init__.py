"""Matrix rooms, through matrix-nio, which is imported once an adapter is made and not before."""

from adapters.matrix.adapter import Matrix

__all__ = ["Matrix"]
