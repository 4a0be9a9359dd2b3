"""The contenders: each does the same work in processes of its own."""
