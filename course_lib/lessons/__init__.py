"""What stands behind the notebooks: exercises, quizzes, progress, and building and checking the lessons."""

from course_lib.lessons.bank_index import exercise, quiz
from course_lib.lessons.progress_page import my_progress
from course_lib.lessons.start import start

__all__ = ["exercise", "my_progress", "quiz", "start"]
