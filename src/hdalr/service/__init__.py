"""The reader behind HTTP: a page to write on, an interface for programs, corrections kept."""
