"""Sending records to the store: one process per destination."""
