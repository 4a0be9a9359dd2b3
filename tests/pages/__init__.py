"""The pages for customers, as a browser asks for them."""
