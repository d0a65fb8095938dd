"""`python -m course_lib.training.cell_search` trains every cell of the space and writes the table; some 15 minutes.

It goes on where an earlier run stopped; delete the file to begin anew.
"""

from course_lib.quiet import import_tensorflow


def main() -> None:
    """Make the table that the course ships."""
    import_tensorflow()
    from course_lib.training.cell_search.table import make, table_path

    make(table_path())


if __name__ == "__main__":
    main()
