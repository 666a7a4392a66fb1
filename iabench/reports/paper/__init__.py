"""A study or a run as the files of a paper: table, figure, a paragraph on method, references."""
