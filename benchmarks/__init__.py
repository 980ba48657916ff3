"""Figures as ratios to a floor that is measured in the same run, so that any machine can judge them."""
