"""Tasks: what is asked. Folders of data, generators over worlds, and the catalogue of both."""
