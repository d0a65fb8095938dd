"""The tour: what pre-trained models do, one after the other, in two minutes, on one page.

It uses what every learner has: `load`, and the methods of what it gives.
"""

from course_lib.tour.page import page
from course_lib.tour.stops import TOUR
from course_lib.tour.walk import Seen, walk

__all__ = ["TOUR", "Seen", "page", "walk"]
