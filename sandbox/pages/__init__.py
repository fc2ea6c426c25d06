"""The pages a person looks at and works in (Dutch): what stands in the books, and what somebody there does to it."""

from sandbox.pages.site import Site

__all__ = ["Site"]
