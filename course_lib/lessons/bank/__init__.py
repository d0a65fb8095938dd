"""The exercises and quizzes, one file a lesson: `l<number>_<name>.py` with EXERCISES and QUIZ."""
