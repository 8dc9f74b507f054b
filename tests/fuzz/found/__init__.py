"""What hunts have found, each as the least program that showed it."""
