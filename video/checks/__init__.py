"""What is wrong with a picture that keeps coming: black, covered, blurred, moved. Judged on key-frame thumbnails.

Every check compares a picture with the camera's own normal where one exists, waits before it speaks (`held`), and can
be switched off per camera. Measures, limits and their costs: video sheet 8.
"""
