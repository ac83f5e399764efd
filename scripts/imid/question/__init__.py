"""What is asked: contrasts, designs, factors, fits, the target panel, and the plan that follows."""
