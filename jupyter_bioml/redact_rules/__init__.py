"""What secrets look like, and where they are in a text; :mod:`jupyter_bioml.redact` masks them."""
