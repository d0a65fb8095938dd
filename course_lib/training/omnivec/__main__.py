"""python -m course_lib.training.omnivec: measure all ways, and write data/experiments/omnivec.json."""

from course_lib.training.omnivec.table import main

if __name__ == "__main__":
    main()
