"""What stands behind the notebooks: exercises, quizzes, progress, and building and checking the lessons."""

from course_lib.lessons.exercises import exercise
from course_lib.lessons.quiz import quiz
from course_lib.lessons.start import start

__all__ = ["exercise", "quiz", "start"]
