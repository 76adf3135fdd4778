"""What a project and its notebook declare: read from files and cells, compared with what is installed, built."""
