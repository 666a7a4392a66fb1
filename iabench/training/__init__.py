"""Training: new facts into a model, by methods that forget more or less of what it does not know.

Every method is a point on five axes: rows, target, update, anchors, after.
"""
