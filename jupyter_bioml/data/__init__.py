"""Versions of data files: DVC's digests, remembered by the files' stamps."""
