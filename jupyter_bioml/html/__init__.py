"""The layout of pages that are files (reports, tables)."""
