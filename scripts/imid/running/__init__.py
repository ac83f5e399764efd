"""A run itself: resumed, its failures told, its resources, the code that a step consists of."""
