"""Moving street scenes for demo cameras, drawn with OpenCV: nobody is filmed, and every clip is the same every time.

`view` projects, `paint` draws what stands still, `traffic` and `walkers` draw what moves, `scenes` says what stands
where. All lengths are metres, all colours blue-green-red 0–255, as OpenCV has them.
"""
