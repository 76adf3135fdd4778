"""The commands ``jupyter bioml …`` (``bioml …``): parse, call the workbench, present."""
