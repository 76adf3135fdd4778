"""Checks of the installation, the project and the destination, each with its fix."""
