"""Health certificates on paper and on a telephone's screen, in two languages beside each other.

`contents` decides what is said, `draw` makes PDF and PNG of it, the Typst files beside them how it looks. What is
drawn proves nothing by itself: the code does, and every sheet says so.
"""
