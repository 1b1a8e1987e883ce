"""Synthetic handwriting: lines and single characters as cameras and scanners show them.

Everything is drawn by a `numpy.random.Generator`, so that a seed fixes each picture.

==============  =====================================================================
`strokes`       digits drawn as pen strokes, with the flags and crossbars that writers
                outside the United States use and EMNIST lacks
`lines`         characters set in a line: spacing, overlap, slant, ligatures, marks
`paper`         background print, rules, uneven light, blur, noise
`texts`         what is written: amounts, dates, codes, words
`characters`    one character distorted, and pictures that are no character
==============  =====================================================================
"""
