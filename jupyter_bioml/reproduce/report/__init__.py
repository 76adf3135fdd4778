"""The verdict as a document: sentences, JSON, one HTML page."""
